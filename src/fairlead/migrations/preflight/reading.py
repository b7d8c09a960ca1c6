"""What do statements, read one after the other, make and take away for sure?"""

from collections.abc import Sequence

from fairlead.migrations.change import Act, Does, Mark, acts_of
from fairlead.migrations.preflight.known import Kind, Known, Origin, Thing
from fairlead.migrations.preflight.said import (
    body_words,
    has_escaped_names,
    leans_on,
    listed_columns,
    words_of,
)
from fairlead.migrations.relation import Name, name_at
from fairlead.migrations.statement import Statement
from fairlead.migrations.token import Token

# They change rows, rights or the session; only a function of the files' own may do more.
_HARMLESS = {
    "COMMENT", "GRANT", "REVOKE", "SET", "RESET", "VACUUM", "ANALYZE", "REFRESH", "LOCK",
    "TRUNCATE", "INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "BEGIN", "COMMIT",
}  # fmt: skip
# Nothing that is expected hangs on them.
_FREE = {"policy", "trigger", "rule", "publication", "subscription", "role", "index"}
_ROUTINES = {"function", "procedure"}


class Reading:
    """Reads statements; `known` is what they leave behind, never what cannot be known."""

    def __init__(self) -> None:
        self.known = Known()
        self._routines: dict[str, frozenset[str]] = {}
        self._temporary: set[str] = set()
        self._path_is_known = True

    def read(self, statement: Statement, file: str) -> None:
        """Take what a statement did that was applied."""
        tokens, acts, words = statement.tokens, acts_of(statement), words_of(statement.tokens)
        first = tokens[0].word
        self.known.mention(words)
        if "search_path" in words and (first in ("SET", "SELECT") or _of_a_role(tokens)):
            self._path_is_known = False
        if first in ("ROLLBACK", "ABORT") or has_escaped_names(tokens):
            self.known.forget_everything()
        elif first == "CREATE":
            self._create(acts[0], tokens, file)
        elif first == "DROP":
            self._drop(acts, words, file)
        elif first == "ALTER":
            self._alter(acts, tokens, file)
        elif first not in _HARMLESS or words & self._routines.keys():
            self.doubt(statement)
        if first in ("DROP", "ALTER") and "cascade" in words:
            self.known.lose_strange_indexes()

    def doubt(self, statement: Statement) -> None:
        """Forget what a statement may have touched without saying how."""
        words, told = words_of(statement.tokens), body_words(statement.tokens)
        called: set[str] = set()
        while more := {name for name in self._routines if name in words} - called:
            called |= more
            bodies = frozenset[str]().union(*(self._routines[name] for name in more))
            words, told = words | bodies, told | bodies
        if {"temp", "temporary"} & words:
            self._temporary |= words
        # SQL that is put together while it runs may name anything.
        if {"execute", "cascade"} & told:
            self.known.forget_everything()
        self.known.doubt(words)

    def _create(self, act: Act, tokens: Sequence[Token], file: str) -> None:
        if act.name is None:
            return
        last, said = act.name.parts[-1], [one.word for one in tokens]
        if act.what in _ROUTINES:
            self._routines[last] = self._routines.get(last, frozenset()) | words_of(tokens)
        elif {"TEMP", "TEMPORARY"} & {*said[1:5]} or act.name.parts[0] == "pg_temp":
            self._temporary.add(last)
        elif act.what == "table" and last not in self._temporary:
            self._create_table(act.name, tokens, file)
        elif act.what == "index":
            table, _ = name_at(tokens, said.index("ON") + 1 if "ON" in said else len(said))
            if table and table.parts[-1] not in self._temporary:
                self.known.add(Thing(Kind.INDEX, act.name), Origin(file, words_of(tokens), table))

    def _create_table(self, name: Name, tokens: Sequence[Token], file: str) -> None:
        # Then the columns may be those of another table that was there before.
        may_exist = "EXISTS" in {token.word for token in tokens[2:7]}
        if may_exist and self.known.knows(name):
            return
        origin = Origin(file, leans_on(tokens) - {name.parts[-1]})
        self.known.make(Thing(Kind.TABLE, name), origin)
        unsure = may_exist or origin.leans_on & self._temporary
        for column in () if unsure else listed_columns(tokens):
            self.known.add(Thing(Kind.COLUMN, name, column), origin)

    def _drop(self, acts: Sequence[Act], words: frozenset[str], file: str) -> None:
        for act in acts:
            if act.what in ("table", "view") and act.name:
                self.known.fall(act.name)
                if act.what == "table":
                    self._expect_gone(Thing(Kind.TABLE, act.name), Origin(file))
            elif act.what == "index" and act.name:
                self._drop_index(act.name, file)
            elif act.what == "owned" or ("cascade" in words and act.what not in _FREE):
                self.known.forget_everything()

    def _drop_index(self, name: Name, file: str) -> None:
        if origin := self.known.drop_index(name):
            self._expect_gone(Thing(Kind.INDEX, name), Origin(file, table=origin.table))

    def _expect_gone(self, thing: Thing, origin: Origin) -> None:
        sure = self._path_is_known or len(thing.relation.parts) > 1
        if sure and thing.relation.parts[-1] not in self._temporary:
            self.known.gone[thing] = origin

    def _alter(self, acts: Sequence[Act], tokens: Sequence[Token], file: str) -> None:
        said, words = {token.word for token in tokens}, words_of(tokens)
        if {"schema", "extension"} & {act.what for act in acts}:
            self.known.forget_everything()
        for act in acts:
            if act.name is None:
                continue
            if act.what == "column" and len(act.name.parts) > 1:
                self._column(act, tokens, file)
            elif act.does is Does.RENAME:
                self._rename(act.name, tokens, file)
            elif {"ATTACH", "DETACH", "INHERIT"} & said:
                # What the other table has, it now has or loses together with this one.
                self.known.lose_parts(words, act.name)
            elif "INDEX" in said:
                self.known.lose_indexes(words)

    def _column(self, act: Act, tokens: Sequence[Token], file: str) -> None:
        assert act.name is not None
        table, column = Name(act.name.parts[:-1]), act.name.parts[-1]
        if table.parts[-1] in self._temporary:
            return
        thing = Thing(Kind.COLUMN, table, column)
        if act.mark is Mark.MADE:
            # ALTER TABLE IF EXISTS may have done nothing.
            maybe = "EXISTS" in {token.word for token in tokens[2:5]}
            leaning = leans_on(tokens) - {table.parts[-1]}
            # A column of a temporary table's type goes with that table.
            if (not maybe or self.known.knows(table)) and not leaning & self._temporary:
                self.known.add(thing, Origin(file, leaning))
        elif act.mark is Mark.GONE:
            cascade = "CASCADE" in {token.word for token in tokens}
            self.known.drop_column(table, column, all_of_them=cascade)
            self._expect_gone(thing, Origin(file))

    def _rename(self, name: Name, tokens: Sequence[Token], file: str) -> None:
        """Follow a plain rename of a table, a column or an index; forget what is not plain."""
        said = [token.word for token in tokens]
        at = said.index("RENAME") + 1 if "RENAME" in said else len(said)
        new, _ = name_at(tokens, len(tokens) - 1)
        column, after = name_at(tokens, at + 1 if said[at : at + 1] == ["COLUMN"] else at)
        is_whole = said[at : at + 1] == ["TO"]
        if is_whole and said[1] == "INDEX":
            self._drop_index(name, file)
        elif is_whole and name.parts[-1] in self._temporary and new:
            self._temporary.add(new.parts[-1])
            self.known.fall(name)
        elif is_whole and said[1] == "TABLE" and new:
            self._rename_table(name, Name((*name.parts[:-1], *new.parts)), file)
        elif said[after : after + 1] == ["TO"] and said[1] == "TABLE" and new and column:
            old = Thing(Kind.COLUMN, name, column.parts[-1])
            was_there = old in self.known.there
            self.known.drop_column(name, old.column, all_of_them=False)
            if was_there:
                self.known.add(Thing(Kind.COLUMN, name, new.parts[-1]), Origin(file))
                self._expect_gone(old, Origin(file))
        else:
            self.known.fall(name)

    def _rename_table(self, name: Name, new: Name, file: str) -> None:
        # ALTER TABLE may rename an index, too.
        is_sure = self.known.has(Kind.TABLE, name) and not self.known.has(Kind.INDEX, name)
        self.known.fall(name)
        if is_sure:
            self.known.add(Thing(Kind.TABLE, new), Origin(file))
            self._expect_gone(Thing(Kind.TABLE, name), Origin(file))


def _of_a_role(tokens: Sequence[Token]) -> bool:
    said = [token.word for token in tokens[:2]]
    return said[:1] == ["ALTER"] and said[1:] in (["ROLE"], ["USER"], ["DATABASE"])
