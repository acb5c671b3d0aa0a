"""Catalogues of messages: collect, check and compile them without the gettext programs."""
