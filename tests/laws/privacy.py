"""What every field says about a person must be declared, and no word of it may turn up where it has no business."""


def undeclared(name, fields, declared):
    """A field without a declaration, and a declaration without its field."""
    return [f"{name}.{field}: says what about a person?" for field in sorted(set(fields) - set(declared))] + [
        f"{name}.{field}: is declared, and is no field" for field in sorted(set(declared) - set(fields))
    ]


def leaks(canaries, places):
    """{place: text} → which canary sings where. Case is no hiding place, and neither is an escape."""
    found = []
    for place, text in places.items():
        spellings = {text.casefold(), text.encode().decode("unicode_escape", errors="ignore").casefold()}
        found += [
            f"{place}: {canary}" for canary in canaries if any(canary.casefold() in spelling for spelling in spellings)
        ]
    return found
