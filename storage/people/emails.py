"""E-mail addresses in one spelling, so that one address is one account.

The domain is written as IDNA A-labels, in lower case (RFC 5891, mapped by UTS 46). The local part
is a dot-atom (RFC 5321, section 4.1.2, with RFC 6531's further characters) in NFC. Lengths are
octets, as mail servers count them. Case is left to the database, which ignores it. Nothing else is
folded: what dots, tags or case mean in a local part is for its own mail server to say.
"""

import unicodedata

import idna
import regex

ADDRESS_OCTETS = 254
"""A path holds 256 with its angle brackets (RFC 5321, section 4.5.3.1.3, erratum 1690)."""
LOCAL_OCTETS = 64
DOMAIN_OCTETS = 253
LABEL_OCTETS = 63

# Beyond ASCII: what is seen. Neither controls, spaces, unassigned code points, ignorable ones nor
# the blank of Braille; a mark stands on what it marks.
_BEYOND = r"[[\p{L}\p{N}\p{P}\p{S}\p{M}]--[\p{Default_Ignorable_Code_Point}\p{ASCII}\u2800]]"
_ATOM = rf"(?!\p{{M}})(?:[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~-]|{_BEYOND})+"
_LOCAL = regex.compile(rf"{_ATOM}(?:\.{_ATOM})*", regex.VERSION1)
_LDH = regex.compile(r"(?!-)[a-z0-9-]+(?<!-)")
_JOINERS = "\u200c\u200d"
_IGNORABLE = regex.compile(rf"[\p{{Default_Ignorable_Code_Point}}--[{_JOINERS}]]", regex.VERSION1)


class AddressError(ValueError):
    """The text is no e-mail address; the message is the reason."""


def canonical(address: str) -> str:
    """The one spelling of an address. Raises `AddressError`."""
    # Before anything that takes longer the longer it is; UTF-8 is never shorter than code points.
    if len(address) > ADDRESS_OCTETS:
        raise AddressError(f"more than {ADDRESS_OCTETS} characters")
    local, at, domain = address.rpartition("@")
    if not at:
        raise AddressError("no @")
    spelled = f"{_local_part(local)}@{_domain(domain)}"
    if len(spelled.encode()) > ADDRESS_OCTETS:
        raise AddressError(f"more than {ADDRESS_OCTETS} octets")
    return spelled


def canonical_or_none(address: str) -> str | None:
    """The one spelling of an address; None for what is none."""
    try:
        return canonical(address)
    except AddressError:
        return None


def _local_part(text: str) -> str:
    # The final sigma and the other are one letter in capitals, and case is ignored.
    local = unicodedata.normalize("NFC", text).replace("ς", "σ")
    if not _LOCAL.fullmatch(local):
        raise AddressError(
            "before the @: words of letters, digits and signs, joined by single dots"
        )
    if len(local.encode()) > LOCAL_OCTETS:
        raise AddressError(f"before the @: more than {LOCAL_OCTETS} octets")
    return local


def _domain(text: str) -> str:
    # UTS 46 drops what is ignorable, but for joiners: some scripts need them, and IDNA says where.
    if _IGNORABLE.search(text):
        raise AddressError("after the @: an invisible character")
    try:
        mapped = idna.uts46_remap(text, std3_rules=True, transitional=False)
        labels = [_label(label) for label in mapped.split(".")]
    except UnicodeError as error:  # IDNAError is one
        raise AddressError("after the @: not the name of a domain") from error
    domain = ".".join(labels)
    if len(labels) < 2 or labels[-1].isdigit():
        raise AddressError("after the @: not a full name of a domain")
    if len(domain) > DOMAIN_OCTETS:
        raise AddressError(f"after the @: more than {DOMAIN_OCTETS} octets")
    return domain


def _label(text: str) -> str:
    if _LDH.fullmatch(text) and not text.startswith("xn--"):
        if len(text) > LABEL_OCTETS:
            raise AddressError(f"after the @: a label of more than {LABEL_OCTETS} octets")
        return text
    return idna.alabel(text).decode()
