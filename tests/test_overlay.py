"""What users write stays beside what builds make: through writes, builds and deaths at the worst moment."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import StoreError
from kg.listings import built_graphs, read_own
from kg.overlay import WRITTEN_FILE, Delta, quads_text, read_quads
from kg.store import StoreWriter, current_snapshot, open_union, write_store


def quad(number: int, graph: str = "") -> ox.Quad:
    name = ox.NamedNode(f"e:{graph}") if graph else ox.DefaultGraph()
    return ox.Quad(ox.NamedNode(f"e:s{number}"), ox.NamedNode("e:p"), ox.Literal(f"{number}"), name)


BUILT = [quad(1), quad(2, "document")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with write_store(tmp_path / "store") as writer:
        writer.publish(BUILT)
    return tmp_path / "store"


def write(writer: StoreWriter, delta: Delta) -> Path:
    """What `kg.writing` does once a delta is known to be good."""
    writer.settle()
    with writer.copy_current() as part:
        store = ox.Store(str(part))
        for one in delta.removed:
            store.remove(one)
        store.extend(delta.added)
        store.flush()
        del store
        return writer.publish_copy(part, delta)


def add(folder: Path, *quads: ox.Quad) -> Path:
    with write_store(folder) as writer:
        return write(writer, Delta(frozenset(quads)))


def served(folder: Path) -> set[ox.Quad]:
    return set(ox.Store.read_only(str(current_snapshot(folder))))


def test_publish_copy_is_in_the_snapshot_and_the_file(folder: Path) -> None:
    add(folder, quad(3), quad(4, "mine"))
    assert served(folder) == {*BUILT, quad(3), quad(4, "mine")}
    assert (folder / WRITTEN_FILE).read_text(encoding="utf-8") == '<e:s3> <e:p> "3" .\n<e:s4> <e:p> "4" <e:mine> .\n'
    assert built_graphs(current_snapshot(folder)) == {"DEFAULT", "<e:document>"}


def test_builds_keep_what_users_wrote(folder: Path) -> None:
    add(folder, quad(3), quad(4, "mine"))
    with write_store(folder) as writer:
        writer.publish([quad(1), quad(5, "other")])
    assert served(folder) == {quad(1), quad(5, "other"), quad(3), quad(4, "mine")}


def test_removed_quads_stay_removed_after_a_build(folder: Path) -> None:
    add(folder, quad(3), quad(4, "mine"))
    with write_store(folder) as writer:
        write(writer, Delta(removed=frozenset([quad(4, "mine")])))
        writer.publish([*BUILT, quad(5, "other")])
    assert served(folder) == {*BUILT, quad(5, "other"), quad(3)}
    names = {str(name) for name in ox.Store.read_only(str(current_snapshot(folder))).named_graphs()}
    assert names == {"<e:document>", "<e:other>"}


@pytest.mark.parametrize("graph", ["", "document", "new"])
def test_triple_that_a_build_makes_too_stands_where_the_build_puts_it(folder: Path, graph: str) -> None:
    add(folder, quad(3, "mine"))
    with write_store(folder) as writer:
        writer.publish([*BUILT, quad(3, graph)])
    assert served(folder) == {*BUILT, quad(3, graph)}
    assert read_own(current_snapshot(folder)) == frozenset()
    with write_store(folder) as writer:
        writer.publish(BUILT)
    assert served(folder) == {*BUILT, quad(3, "mine")}


def test_quad_that_a_build_makes_too_is_the_builds(folder: Path) -> None:
    add(folder, quad(3))
    with write_store(folder) as writer:
        writer.publish([*BUILT, quad(3)])
    assert (served(folder), read_own(current_snapshot(folder))) == ({*BUILT, quad(3)}, frozenset())


def test_same_builds_and_writes_give_the_same_name_in_any_order(folder: Path, tmp_path: Path) -> None:
    with write_store(tmp_path / "other") as writer:
        writer.publish([])
        write(writer, Delta(frozenset([quad(3)])))
        writer.publish(BUILT)
    assert add(folder, quad(3)).name == current_snapshot(tmp_path / "other").name
    assert served(folder) == served(tmp_path / "other")


def test_write_that_is_taken_back_gives_the_old_snapshot(folder: Path) -> None:
    before = current_snapshot(folder)
    add(folder, quad(3))
    with write_store(folder) as writer:
        assert write(writer, Delta(removed=frozenset([quad(3)]))) == before


def test_death_between_file_and_current_is_made_good_by_the_next_write(folder: Path) -> None:
    current = (folder / "CURRENT").read_bytes()
    add(folder, quad(3))
    (folder / "CURRENT").write_bytes(current)
    assert served(folder) == {*BUILT}
    add(folder, quad(4))
    assert served(folder) == {*BUILT, quad(3), quad(4)}


def test_file_that_was_put_back_counts_from_the_next_write_on(folder: Path) -> None:
    add(folder, quad(3))
    (folder / WRITTEN_FILE).write_text(quads_text([quad(7)]), encoding="utf-8")
    add(folder, quad(4))
    assert served(folder) == {*BUILT, quad(4), quad(7)}


def test_store_without_a_graph_gets_an_empty_one(tmp_path: Path) -> None:
    with write_store(tmp_path / "new") as writer:
        assert len(ox.Store.read_only(str(writer.settle()))) == 0


def test_what_users_wrote_in_a_snapshot_that_is_not_told_stops_writes(folder: Path) -> None:
    snapshot = add(folder, quad(3))
    snapshot.parent.parent.joinpath("listings", f"{snapshot.name}.nq").unlink()
    with pytest.raises(StoreError, match="is gone"):
        add(folder, quad(4))
    assert (folder / WRITTEN_FILE).read_text(encoding="utf-8") == quads_text([quad(3)])


def test_old_snapshots_go_with_all_that_is_theirs(folder: Path) -> None:
    for number in range(3, 8):
        add(folder, quad(number))
    names = {path.name for path in (folder / "snapshots").iterdir()}
    assert len(names) == 2
    assert {path.stem for path in (folder / "listings").iterdir()} == names


def test_triple_in_several_graphs_has_a_union_while_it_is(folder: Path) -> None:
    snapshot = add(folder, quad(3, "mine"), quad(3, "yours"))
    union = open_union(snapshot)
    assert union is not None
    assert set(union.quads_for_pattern(None, None, None, ox.DefaultGraph())) == {quad(1), quad(2), quad(3)}
    assert {one for one in union if one.graph_name != ox.DefaultGraph()} == served(folder) - {quad(1)}
    with write_store(folder) as writer:
        assert open_union(write(writer, Delta(removed=frozenset([quad(3, "mine")])))) is None
        write(writer, Delta(frozenset([quad(5)])))
    assert list((folder / "unions").iterdir()) == []


def test_copy_that_is_not_published_goes(folder: Path) -> None:
    with write_store(folder) as writer:
        with writer.copy_current() as part:
            assert part.is_dir()
        assert not part.exists()
    assert served(folder) == {*BUILT}


def test_read_quads_damaged_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.nq"
    path.write_text("<e:a> <e:b> .\n", encoding="utf-8")
    with pytest.raises(StoreError, match="holds what users wrote"):
        read_quads(path)


def test_blank_nodes_keep_their_names(tmp_path: Path) -> None:
    path, node = tmp_path / "a.nq", ox.BlankNode("b1")
    quads = frozenset([ox.Quad(node, ox.NamedNode("e:p"), node, ox.NamedNode("e:g"))])
    path.write_text(quads_text(quads), encoding="utf-8")
    assert read_quads(path) == quads
