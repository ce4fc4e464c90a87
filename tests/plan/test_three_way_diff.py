"""The three-way diff against a table written down a second time, and against an ideal target."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from procore_spectrum.errors import Violation
from procore_spectrum.plan.diff import Absent, Draft, FieldRule, KindRules, Owner, diff
from procore_spectrum.plan.operations import (
    Create,
    Deactivate,
    FieldChange,
    Held,
    Link,
    Operation,
    Update,
)
from procore_spectrum.plan.records import Candidate, CrosswalkRow, Desired, Observed, Ref

ONE = Ref("vendor", "A")
RULES = KindRules(
    kind="vendor",
    fields=(
        FieldRule("name"),
        FieldRule("city"),
        FieldRule("phone", Owner.SHARED),
        FieldRule("country", Owner.TARGET),
        FieldRule("origin_id", Owner.KEY),
    ),
    active_field=("on", True, False),
)
words = st.sampled_from([None, "", "a", "b", "c", " a"])
owners = st.sampled_from(list(Owner))


def blank(value: Any) -> bool:
    """Whether a text says nothing."""
    return value is None or not value.strip()


def equal(left: Any, right: Any) -> bool:
    """Whether two texts mean the same."""
    return (left or "").strip() == (right or "").strip()


def draft(**parts: Any) -> Draft:
    """One kind of record to decide about."""
    return Draft(**{"feature": "vendors", "rules": RULES, "desired": (), **parts})


def wish(key: str = "A", **parts: Any) -> Desired:
    """A record of the source."""
    known = {"title": f"Vendor {key}", "fields": {"name": "a"}}
    return Desired(ref=Ref("vendor", key), **{**known, **parts})


def seen(target_id: str = "1", **parts: Any) -> Observed:
    """A record of the target."""
    known = {"title": f"Company {target_id}", "fields": {"name": "a"}}
    return Observed(kind="vendor", target_id=target_id, **{**known, **parts})


def link(key: str = "A", target_id: str = "1", **parts: Any) -> CrosswalkRow:
    """A linked pair."""
    ref = Ref("vendor", key)
    return CrosswalkRow(ref=ref, target_id=target_id, **{"base": {"name": "a"}, **parts})


# ---------------------------------------------------------------- the table, a second time


def wanted_for(owner: Owner, base: Any, source: Any, target: Any) -> str:
    """What the design's table says of one field of a linked record."""
    if owner in (Owner.TARGET, Owner.KEY) or blank(source):
        return "nothing"
    if equal(source, target):
        return "nothing" if equal(source, base) else "base moves"
    if equal(target, base):
        return "update"
    if equal(source, base):
        return "update" if owner is Owner.SOURCE else "drift"
    return "conflict"


@given(owners, words, words, words)
def test_one_field_follows_the_table(owner: Owner, base: Any, source: Any, target: Any) -> None:
    """Every combination of base, source, target and owner has the result of the table."""
    rules = KindRules(kind="vendor", fields=(FieldRule("f", owner),))
    found = diff(
        draft(
            rules=rules,
            desired=(wish(fields={"f": source}),),
            observed=(seen(fields={"f": target}),),
            rows=(link(base={"f": base}),),
        )
    )
    wanted = wanted_for(owner, base, source, target)
    kinds: dict[str, type[Any]] = {"update": Update, "base moves": Link}
    if wanted == "nothing":
        assert found == ()
        return
    (op,) = found
    assert type(op) is kinds.get(wanted, Held)
    if isinstance(op, Held):
        assert op.code == wanted
    if wanted == "base moves":
        assert op.changes == ()
        assert not op.writes
    else:
        assert op.changes == (FieldChange(path="f", base=base, source=source, target=target),)
    if not isinstance(op, Held):
        assert op.desired == {"f": source}
        assert op.before == {"f": base}


@pytest.mark.parametrize("active", [True, False])
def test_what_is_in_doubt_and_agreed_is_settled(*, active: bool) -> None:
    """A change was sent without an answer, and both sides are as agreed: a link says so."""
    rules = KindRules(
        kind="vendor", fields=(FieldRule("f", Owner.SOURCE),), active_field=("on", True, False)
    )
    parts = {
        "rules": rules,
        "desired": (wish(fields={"f": "a"}, active=active),),
        "observed": (seen(fields={"f": "a"}, active=active),),
        "rows": (link(base={"f": "a"}, active=active),),
    }
    assert diff(draft(**parts)) == ()
    (op,) = diff(draft(**parts, doubts=frozenset({wish().ref})))
    assert isinstance(op, Link)
    assert not op.writes
    assert (op.desired, op.active) == ({"f": "a"}, active)


field_maps = st.fixed_dictionaries(
    dict.fromkeys(("name", "city", "phone", "country", "origin_id"), words)
)


@given(field_maps, field_maps, field_maps)
def test_many_fields_are_decided_together(base: Any, source: Any, target: Any) -> None:
    """One field that needs a person holds the record; else all the changes go together."""
    results = {
        rule.path: wanted_for(rule.owner, *(side[rule.path] for side in (base, source, target)))
        for rule in RULES.fields
    }
    found = diff(
        draft(
            desired=(wish(fields=source),),
            observed=(seen(fields=target),),
            rows=(link(base=base),),
        )
    )
    said = set(results.values())
    if said == {"nothing"}:
        assert found == ()
        return
    (op,) = found
    paths = {change.path for change in op.changes}
    if said & {"conflict", "drift"}:
        assert isinstance(op, Held)
        assert op.code == ("conflict" if "conflict" in said else "drift")
        assert paths == {path for path, said in results.items() if said in {"conflict", "drift"}}
    elif "update" in said:
        assert isinstance(op, Update)
        assert paths == {path for path, said in results.items() if said == "update"}
    else:
        assert isinstance(op, Link)
    assert not any(blank(change.source) for change in op.changes)


@given(words, words)
def test_without_a_link_equal_records_are_linked(source: Any, target: Any) -> None:
    """Without a base, a record that carries our key is linked if equal, and held if not.

    What the target leaves blank is filled: nothing is overwritten.
    """
    (op,) = diff(
        draft(
            desired=(wish(fields={"name": source}),),
            observed=(seen(fields={"name": target}, key="A"),),
        )
    )
    if blank(source) or equal(source, target):
        assert isinstance(op, Link)
        assert not op.stamp
        return
    assert op.changes == (FieldChange(path="name", source=source, target=target),)
    if blank(target):
        assert isinstance(op, Link)
        assert op.writes
    else:
        assert isinstance(op, Held)
        assert op.code == "adopt"


def test_an_echo_is_no_change_of_the_target() -> None:
    """A value that the target stored in a form of its own is compared with that form."""
    sides = {
        "desired": (wish(fields={"phone": "555"}),),
        "rows": (link(base={"phone": "555"}, echo={"phone": "(555)"}),),
    }
    assert diff(draft(observed=(seen(fields={"phone": "(555)"}),), **sides)) == ()
    (op,) = diff(draft(observed=(seen(fields={"phone": "(666)"}),), **sides))
    assert isinstance(op, Held)
    assert op.code == "drift"


# ---------------------------------------------------------------- an ideal target


keys = st.sampled_from(["A", "B", "C"])


@st.composite
def worlds(draw: st.DrawFn) -> Draft:
    """Both systems and the memory, with up to three records each."""
    found = draw(st.lists(st.sampled_from(["1", "2", "3", "4"]), unique=True, max_size=4))
    linked = draw(st.lists(st.tuples(keys, st.sampled_from(["1", "2", "3", "9"])), max_size=3))
    rows = {
        key: link(
            key,
            target_id,
            base=draw(field_maps),
            active=draw(st.booleans()),
            echo=draw(st.dictionaries(st.sampled_from(["name", "phone"]), words, max_size=1)),
        )
        for target_id, key in {target_id: key for key, target_id in linked}.items()
    }
    switch = draw(st.sampled_from([RULES.active_field, None]))
    return draft(
        rules=attrs.evolve(
            RULES,
            absent=draw(st.sampled_from(list(Absent))),
            active_field=switch,
            create_inactive=draw(st.booleans()) if switch else False,
        ),
        desired=tuple(
            wish(
                key,
                fields=draw(field_maps),
                active=draw(st.booleans()),
                target_id=draw(st.none() | st.sampled_from(["1", "2", "7"])),
                hold=draw(st.none() | st.just(Violation(code="wait", message="wait"))),
            )
            for key in draw(st.lists(keys, max_size=3))
        ),
        observed=tuple(
            seen(
                target_id,
                fields=draw(field_maps),
                key=draw(st.none() | keys),
                active=draw(st.booleans()),
            )
            for target_id in found
        ),
        rows=tuple(rows.values()),
        source_complete=draw(st.booleans()),
        target_complete=draw(st.booleans()),
    )


def applied(world: Draft, operations: tuple[Operation, ...]) -> Draft:
    """The world after a target carried everything out, exactly."""
    observed = {found.target_id: found for found in world.observed}
    rows = {row.ref: row for row in world.rows}
    for op in operations:
        if isinstance(op, Held):
            continue
        target_id = op.target_id or f"new {op.ref.key}"
        old = observed.get(target_id) or seen(target_id, fields={})
        sent = dict(op.desired) if isinstance(op, Create | Link) else {}
        sent |= {change.path: change.source for change in op.changes}
        active = old.active
        if world.rules.active_field:
            active = sent.pop(world.rules.active_field[0], active)
        if isinstance(op, Deactivate):
            sent, active = {}, False
        if op.writes:
            key = op.ref.key if isinstance(op, Create | Link) else old.key
            observed[target_id] = attrs.evolve(
                old, fields={**old.fields, **sent}, key=key, active=active
            )
        echo = dict(rows[op.ref].echo) if op.ref in rows else {}
        rows[op.ref] = link(
            op.ref.key,
            target_id,
            base=op.desired,
            active=op.active,
            echo={path: value for path, value in echo.items() if path not in sent},
        )
    return attrs.evolve(world, observed=tuple(observed.values()), rows=tuple(rows.values()))


@given(worlds())
def test_a_second_plan_is_empty(world: Draft) -> None:
    """Once everything was carried out, only what waits for a person is left.

    A record that is off in the source and was only linked just now is switched off by the
    second plan, as linking and switching off are two decisions.
    """
    first = diff(world)
    after = applied(world, first)
    second = diff(after)
    newly_linked = {op.ref for op in first if isinstance(op, Link) and op.ref not in rows_of(world)}
    for op in second:
        late = isinstance(op, Deactivate) and op.ref in newly_linked
        assert late or isinstance(op, Held), op
    third = diff(applied(after, second))
    assert [op for op in third if not isinstance(op, Held)] == []


def rows_of(world: Draft) -> set[Ref]:
    """What is linked."""
    return {row.ref for row in world.rows}


@given(worlds())
def test_nothing_is_linked_twice(world: Draft) -> None:
    """Whatever the inputs claim, no two records end up linked to one record of the target."""
    assume(len({row.target_id for row in world.rows}) == len(world.rows))
    rows = applied(world, diff(world)).rows
    assert len({row.target_id for row in rows}) == len(rows)


@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_the_inputs_does_not_matter(world: Draft, random: Any) -> None:
    """Planning again gives the same ids, also when everything is listed in another order."""
    mixed = attrs.evolve(
        world,
        **{
            name: tuple(random.sample(getattr(world, name), len(getattr(world, name))))
            for name in ("desired", "observed", "rows")
        },
    )
    ids = [op.op_id for op in diff(world)]
    assert [op.op_id for op in diff(world)] == ids
    assert sorted(op.op_id for op in diff(mixed)) == sorted(ids)


@given(worlds())
def test_a_blank_source_never_clears(world: Draft) -> None:
    """No change that is written has a blank value, and no agreed value is forgotten for one."""
    for op in diff(world):
        if not isinstance(op, Held):
            assert not any(blank(c.source) for c in op.changes if isinstance(c.source, str | None))
        if isinstance(op, Update):
            lost = {path for path, value in op.before.items() if not blank(value)}
            assert lost <= set(op.desired)


# ---------------------------------------------------------------- one rule at a time


def only(**parts: Any) -> Operation:
    """The single operation that a draft leads to."""
    (op,) = diff(draft(**parts))
    return op


def held(**parts: Any) -> str:
    """The code with which the single record of a draft is held."""
    op = only(**parts)
    assert isinstance(op, Held)
    return op.code


def test_a_new_record_is_created_with_its_values() -> None:
    """Blank values are not sent, and the reason is the wish's own."""
    op = only(desired=(wish(fields={"name": "a", "city": " "}, create_reason="new job"),))
    assert isinstance(op, Create)
    assert op.desired == {"name": "a"}
    assert op.reason == "new job"
    assert op.changes == (FieldChange(path="name", source="a"),)


def test_an_incomplete_listing_creates_nothing() -> None:
    """Without a complete listing of the target, a missing record may well exist."""
    assert held(desired=(wish(),), target_complete=False) == "target-not-listed"


def test_an_incomplete_listing_loses_nothing() -> None:
    """A linked record that an incomplete listing lacks is left alone; a complete one tells."""
    assert diff(draft(desired=(wish(),), rows=(link(),), target_complete=False)) == ()
    assert held(desired=(wish(),), rows=(link(),)) == "gone"


def test_a_record_that_is_off_is_not_created() -> None:
    """Only kinds that want it so get records that are off from the beginning."""
    off = wish(active=False)
    assert diff(draft(desired=(off,))) == ()
    op = only(desired=(off,), rules=attrs.evolve(RULES, create_inactive=True))
    assert isinstance(op, Create)
    assert op.desired == {"name": "a", "on": False}
    assert not op.active


def test_candidates_wait_for_a_person() -> None:
    """A record that may exist already under another key is not created."""
    twin = Candidate(target_id="7", title="Vendor A Inc", score=90)
    op = only(desired=(wish(candidates=(twin,)),))
    assert isinstance(op, Held)
    assert op.code == "candidates"
    assert op.candidates == (twin,)


@pytest.mark.parametrize("count", [1, 2])
def test_all_broken_rules_are_reported_together(count: int) -> None:
    """Every violation is shown at once, for linked and for new records."""
    broken = (Violation(code="long", message="too long"),) * count
    for rows in ((), (link(),)):
        op = only(desired=(wish(violations=broken),), observed=(seen(),), rows=rows)
        assert isinstance(op, Held)
        assert op.code == "preflight"
        assert op.violations == broken
        assert op.message == f"{count} rule{'s' if count > 1 else ''} broken"


@pytest.mark.parametrize(
    ("hints", "todo"),
    [
        (("",), "correct the record in the source"),
        (("add it to the settings",), "add it to the settings"),
        (("add it to the settings",) * 2, "add it to the settings"),
        (("add it", "shorten it"), "do what each rule says"),
        (("add it", ""), "correct the record in the source, or do what a rule says"),
    ],
)
def test_what_a_broken_rule_says_itself_is_what_to_do(hints: tuple[str, ...], todo: str) -> None:
    """Nobody is sent to the source for what is wrong elsewhere."""
    broken = tuple(Violation(code="x", message=f"{n}", hint=hint) for n, hint in enumerate(hints))
    op = only(desired=(wish(violations=broken),))
    assert isinstance(op, Held)
    assert op.hint == todo


def test_a_hold_shows_its_own_reason() -> None:
    """A wish that must wait is held with the code, message and hint that it carries."""
    hold = Violation(code="in-progress", message="busy", hint="take it on")
    op = only(desired=(wish(hold=hold),))
    assert isinstance(op, Held)
    assert (op.code, op.message, op.hint) == ("in-progress", "busy", "take it on")


def test_a_decided_link_that_is_missing_is_held() -> None:
    """A person named a record of the target that is not there."""
    assert held(desired=(wish(target_id="7"),), observed=(seen("1"),)) == "target-missing"


def test_a_decided_link_is_stamped_and_brought_up_to_date() -> None:
    """A decision may change values, and the target is told our key."""
    op = only(
        desired=(wish(target_id="1", fields={"name": "b", "origin_id": "A"}),),
        observed=(seen(fields={"name": "a", "country": "US"}),),
    )
    assert isinstance(op, Link)
    assert op.stamp
    assert op.desired == {"name": "b", "country": "US", "origin_id": "A"}
    assert op.changes == (FieldChange(path="name", source="b", target="a"),)


def test_the_key_of_another_integration_is_respected() -> None:
    """Linking never overwrites an origin id that is not ours."""
    code = held(
        desired=(wish(target_id="1", fields={"name": "a", "origin_id": "A"}),),
        observed=(seen(fields={"name": "a", "origin_id": "quickbooks-9"}),),
    )
    assert code == "foreign-key"


def test_a_linked_target_is_not_given_away() -> None:
    """A record of the target that is linked to another one stays with it."""
    op = only(
        desired=(wish("B", target_id="1"),),
        observed=(seen(),),
        rows=(link("A", "1"),),
        source_complete=False,
    )
    assert isinstance(op, Held)
    assert op.code == "already-linked"
    assert "vendor A" in op.message


def test_two_claims_for_one_record_are_both_held() -> None:
    """Which of two records is meant is for a person to say, not for the order of a list."""
    twins = (wish("A", target_id="1"), wish("B", target_id="1"))
    found = diff(draft(desired=twins, observed=(seen(),)))
    codes = [op.code for op in found if isinstance(op, Held)]
    assert codes == ["already-linked", "already-linked"]


def test_a_key_that_the_source_repeats_is_held() -> None:
    """None of two records with one key is written."""
    twins = (wish(fields={"name": "a"}), wish(fields={"name": "b"}))
    found = diff(draft(desired=twins, rows=(link(),), observed=(seen(),)))
    assert [(op.verb, op.desired["name"]) for op in found] == [("held", "a"), ("held", "b")]


def test_a_key_that_the_target_repeats_is_held() -> None:
    """Two records of the target with our key: a person says which one it is."""
    twins = (seen("1", key="A"), seen("2", key="A"))
    assert held(desired=(wish(),), observed=twins) == "key-twice"
    op = only(desired=(wish(target_id="2"),), observed=twins)
    assert op.target_id == "2"


# ---------------------------------------------------------------- on and off


def test_a_record_that_ends_in_the_source_is_switched_off() -> None:
    """Only the switch is moved: what both sides agreed on stays the base."""
    op = only(
        desired=(wish(active=False, fields={"name": "z"}),), observed=(seen(),), rows=(link(),)
    )
    assert isinstance(op, Deactivate)
    assert op.desired == op.before == {"name": "a"}
    assert op.changes == ()


@pytest.mark.parametrize(("row", "verbs"), [(link(), ["link"]), (link(active=False), [])])
def test_a_record_that_is_off_on_both_sides_is_left_alone(row: CrosswalkRow, verbs: Any) -> None:
    """Its values are not compared; at most our memory learns that it is off."""
    off = wish(active=False, fields={"name": "z"})
    found = diff(draft(desired=(off,), observed=(seen(active=False),), rows=(row,)))
    assert [op.verb for op in found] == verbs
    assert not any(op.writes or op.active for op in found)


def test_a_record_that_comes_back_is_switched_on() -> None:
    """A record that was switched off with the source is switched on with it, values included."""
    op = only(
        desired=(wish(fields={"name": "b"}),),
        observed=(seen(active=False),),
        rows=(link(active=False),),
    )
    assert isinstance(op, Update)
    assert [(c.path, c.source) for c in op.changes] == [("on", True), ("name", "b")]
    assert op.desired == {"name": "b", "on": True}


def test_a_record_that_was_switched_off_in_the_target_waits() -> None:
    """Whoever switched it off there meant something by it."""
    assert held(desired=(wish(),), observed=(seen(active=False),), rows=(link(),)) == "deactivated"


def test_without_a_switch_the_target_is_believed() -> None:
    """A kind that cannot be switched on again only has its state remembered, once."""
    rules = attrs.evolve(RULES, active_field=None)
    parts = {"rules": rules, "desired": (wish(),), "observed": (seen(active=False),)}
    op = only(rows=(link(),), **parts)
    assert isinstance(op, Link)
    assert not op.active
    assert diff(draft(rows=(link(active=False),), **parts)) == ()


@pytest.mark.parametrize(
    ("absent", "verbs"),
    [(Absent.DEACTIVATE, ["deactivate"]), (Absent.HOLD, ["held"]), (Absent.IGNORE, [])],
)
def test_absence_is_believed_only_after_a_complete_listing(absent: Absent, verbs: Any) -> None:
    """What the source no longer lists is treated as its kind says, or not at all."""
    parts: dict[str, Any] = {
        "rules": attrs.evolve(RULES, absent=absent),
        "observed": (seen(),),
        "rows": (link(scope=Ref("project", "24-1")),),
    }
    found = diff(draft(**parts))
    assert [op.verb for op in found] == verbs
    assert all(op.partition == "24-1" for op in found)
    assert diff(draft(**parts, source_complete=False)) == ()
    assert diff(draft(**{**parts, "observed": (seen(active=False),)})) == ()
    assert diff(draft(**{**parts, "observed": ()})) == ()


def test_a_path_without_a_rule_belongs_to_the_source() -> None:
    """Owners are looked up by path."""
    assert RULES.owner_of("phone") is Owner.SHARED
    assert RULES.owner_of("unheard of") is Owner.SOURCE
    assert RULES.compared == ("name", "city", "phone")


def test_the_reason_names_what_drifted() -> None:
    """A reader learns whether the source changed or the target did."""
    changed = only(desired=(wish(fields={"name": "b"}),), observed=(seen(),), rows=(link(),))
    drifted = only(desired=(wish(),), observed=(seen(fields={"name": "b"}),), rows=(link(),))
    assert changed.reason == "changed in the source"
    assert drifted.reason == "changed in the target, but owned by the source: name"
