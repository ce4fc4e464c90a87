"""Keys of several parts as one text."""

from hypothesis import given
from hypothesis import strategies as st

from procore_spectrum.mapping import join_key, split_key


@given(st.lists(st.text(alphabet="aA1/%25F-. "), min_size=1))
def test_keys_split_as_they_were_joined(parts: list[str]) -> None:
    """Whatever the parts hold, they come back, so that no two keys share a text."""
    assert split_key(join_key(*parts)) == tuple(parts)


def test_a_joined_key() -> None:
    """Slashes separate; a slash or percent sign inside a part is escaped."""
    assert join_key("24/01", "100%", "") == "24%2F01/100%25/"
