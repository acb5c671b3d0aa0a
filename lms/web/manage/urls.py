"""Addresses of the management area, below /manage/. Names begin with "manage-"."""

from __future__ import annotations

from django.urls import URLPattern, path

from lms.web.manage import (
    assignments,
    content_reports,
    desk,
    duplicates,
    import_template,
    imports,
    people,
    posts,
    slips,
    unit_reports,
    units,
)

urlpatterns: list[URLPattern] = [
    path("", desk.desk, name="manage-desk"),
    # people, their accounts and codes
    path("people/", people.people, name="manage-people"),
    path("people/<uuid:person_uuid>/", people.person, name="manage-person"),
    path("people/<uuid:person_uuid>/edit/", people.edit, name="manage-person-edit"),
    path("people/<uuid:person_uuid>/account/", people.make_account, name="manage-person-account"),
    path("people/<uuid:person_uuid>/account/close/", people.close, name="manage-person-close"),
    path("people/<uuid:person_uuid>/code/new/", people.new_code, name="manage-person-new-code"),
    path("people/<uuid:person_uuid>/code/", slips.code, name="manage-person-code"),
    path(
        "people/<uuid:person_uuid>/second-step/",
        people.remove_factor,
        name="manage-person-second-step",
    ),
    path("slips/", slips.slips, name="manage-slips"),
    path("slips/print/", slips.printed, name="manage-slips-print"),
    # persons who may be one and the same
    path("duplicates/", duplicates.pairs, name="manage-duplicates"),
    path("duplicates/chosen/", duplicates.chosen, name="manage-duplicates-chosen"),
    path("duplicates/<uuid:first>/<uuid:second>/", duplicates.compare, name="manage-duplicate"),
    path("duplicates/<uuid:first>/<uuid:second>/apart/", duplicates.apart, name="manage-apart"),
    path("duplicates/<uuid:first>/<uuid:second>/merge/", duplicates.merge, name="manage-merge"),
    path("merges/", duplicates.merges, name="manage-merges"),
    path("merges/<uuid:merge_uuid>/undo/", duplicates.undo, name="manage-merge-undo"),
    # units through time
    path("units/", units.units, name="manage-units"),
    path("units/new/", units.add, name="manage-unit-add"),
    path("units/<uuid:unit_uuid>/", units.unit, name="manage-unit"),
    path("units/<uuid:unit_uuid>/<slug:name>/", units.change, name="manage-unit-change"),
    # courses given to people
    path("assignments/", assignments.assignments, name="manage-assignments"),
    path("assignments/new/", assignments.new, name="manage-assign"),
    path("assignments/behind/", assignments.behind, name="manage-behind"),
    path(
        "assignments/behind/export.<slug:kind>",
        assignments.export_behind,
        name="manage-behind-export",
    ),
    path("assignments/<uuid:assignment_uuid>/", assignments.assignment, name="manage-assignment"),
    path("assignments/<uuid:assignment_uuid>/end/", assignments.end, name="manage-assignment-end"),
    path(
        "assignments/<uuid:assignment_uuid>/export.<slug:kind>",
        assignments.export,
        name="manage-assignment-export",
    ),
    # people from a spreadsheet
    path("imports/", imports.imports, name="manage-imports"),
    path("imports/template.xlsx", import_template.template, name="manage-import-template"),
    path("imports/<uuid:import_uuid>/", imports.one, name="manage-import"),
    path("imports/<uuid:import_uuid>/columns/", imports.columns_page, name="manage-import-columns"),
    path("imports/<uuid:import_uuid>/places/", imports.places, name="manage-import-places"),
    path("imports/<uuid:import_uuid>/decide/", imports.decisions, name="manage-import-decide"),
    path("imports/<uuid:import_uuid>/check/", imports.check_again, name="manage-import-check"),
    path("imports/<uuid:import_uuid>/commit/", imports.take_over, name="manage-import-commit"),
    path("imports/<uuid:import_uuid>/discard/", imports.throw_away, name="manage-import-discard"),
    path("imports/<uuid:import_uuid>/faults.xlsx", imports.faults, name="manage-import-faults"),
    path("people/<uuid:person_uuid>/posts/new/", posts.begin, name="manage-appoint"),
    path(
        "people/<uuid:person_uuid>/posts/<int:post_id>/change/",
        posts.change,
        name="manage-appoint-change",
    ),
    path(
        "people/<uuid:person_uuid>/posts/<int:post_id>/end/", posts.end, name="manage-appoint-end"
    ),
    # what readers report about lessons and activities
    path("reports/content/", content_reports.reports, name="manage-content-reports"),
    path(
        "reports/content/<uuid:report_uuid>/", content_reports.report, name="manage-content-report"
    ),
    # numbers by unit
    path("reports/units/", unit_reports.by_unit, name="manage-unit-report"),
    path(
        "reports/units/export.<slug:kind>",
        unit_reports.export,
        name="manage-unit-report-export",
    ),
]
