"""Persons on the site who may be one and the same: what a centre is asked to decide about."""

from __future__ import annotations

from collections import defaultdict

from lms.people.importing.duplicates import Pair, Traits, duplicates_within
from lms.people.models import Appointment, DifferentPersons, Person, User


def likely_pairs(user: User) -> list[Pair]:
    """Pairs of persons visible to `user` who look alike and were not told apart, the most alike
    first. The keys of their traits are ids of persons. Three queries however many persons.
    """
    seen = Person.objects.visible_to(user)
    posts = Appointment.objects.filter(person__in=seen.order_by().values("pk"))
    units: dict[int, set[int]] = defaultdict(set)
    for person_id, unit_id in posts.order_by().values_list("person_id", "unit_id"):
        units[person_id].add(unit_id)
    traits = [
        Traits(pk, name, frozenset(units[pk]), birth_date, phone)
        for pk, name, birth_date, phone in seen.order_by("sort_key", "pk").values_list(
            "pk", "full_name", "birth_date", "phone"
        )
    ]
    apart = {
        frozenset(pair) for pair in DifferentPersons.objects.values_list("first_id", "second_id")
    }
    pairs = [
        pair
        for pair in duplicates_within(traits)
        if frozenset((pair.candidate.key, pair.other.key)) not in apart
    ]
    pairs.sort(key=lambda pair: (not pair.is_certain, -len(pair.reasons)))
    return pairs
