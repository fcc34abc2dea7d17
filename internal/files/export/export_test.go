// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package export_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/files/export"
	"github.com/journeyman-dev/journeyman/internal/reject"
)

// read returns the records of a file in short.
func read(t *testing.T, content string, s v1alpha1.FilesTransport) []string {
	t.Helper()
	out, err := readAll(content, s)
	require.NoError(t, err)
	return out
}

func readAll(content string, s v1alpha1.FilesTransport) (out []string, err error) {
	err = export.Read(strings.NewReader(content), &s, func(r *export.Record) error {
		text := fmt.Sprint(r.Values)
		if r.Bad != nil {
			text = r.Bad.Reason
		}
		out = append(out, r.Where()+": "+text)
		return nil
	}, func(string) {})
	return out, err
}

func ids(t *testing.T, content string, s v1alpha1.FilesTransport) (out []string) {
	t.Helper()
	require.NoError(t, export.Read(strings.NewReader(content), &s, func(r *export.Record) error {
		require.EqualValues(t, len(out)+1, r.Position)
		out = append(out, r.Content)
		return nil
	}, func(string) {}))
	return out
}

func TestRowsOfAnOrderAreOneRecord(t *testing.T) {
	s := v1alpha1.FilesTransport{JoinBy: []string{"Order"}}
	require.Equal(t, []string{
		"line 2: map[Item:a Order:1 Paid:yes rows:[map[Item:a Order:1 Paid:yes] map[Item:b Order:1] map[Item:c]]]",
		"line 5: map[Item:d Order:2 rows:[map[Item:d Order:2]]]",
	}, read(t, "Order,Paid,Item\n1,yes,a\n1,,b\n,,c\n2,,d\n", s))
	require.Equal(t, []string{"line 2: map[Sum:5]"}, read(t, "Sum\n5\n", s), "another export has no such column")
}

// A record that lacks a row would have wrong numbers, and would be known when the corrected file is imported.
func TestARecordIsWholeOrRefused(t *testing.T) {
	by := v1alpha1.FilesTransport{JoinBy: []string{"Order"}, IgnoreRows: []v1alpha1.RowFilter{{Values: []string{"Total"}}}}
	one := func(line int, order, item string) string {
		return fmt.Sprintf("line %d: map[Item:%s Order:%s rows:[map[Item:%s Order:%s]]]", line, item, order, item, order)
	}
	for name, c := range map[string]struct {
		rows string
		want []string
	}{
		"a row inside":                      {"1,a\n1,b,c\n1,d\n2,e\n", []string{"line 2: bad-row", "line 3: bad-row", one(5, "2", "e")}},
		"the first row":                     {"1,a\n2,b,c\n2,d\n3,e\n", []string{one(2, "1", "a"), "line 3: bad-row", "line 4: bad-row", one(5, "3", "e")}},
		"the last row":                      {"1,a\n1,b,c\n2,d\n", []string{"line 2: bad-row", "line 3: bad-row", one(4, "2", "d")}},
		"a record of its own":               {"1,a\n2,b,c\n3,d\n", []string{one(2, "1", "a"), "line 3: bad-row", one(4, "3", "d")}},
		"rows without values after it":      {"1,a\n2,b,c\n,d\n,e\n3,f\n", []string{one(2, "1", "a"), "line 3: bad-row", "line 4: bad-row", "line 5: bad-row", one(6, "3", "f")}},
		"a row of which nothing is known":   {"1,a\n\"2,b\n,c\n3,d\n", []string{"line 2: bad-row", "line 3: bad-row", one(5, "3", "d")}},
		"between two of which either lacks": {"1,a\n\"2,b\n3,d\n4,e\n", []string{"line 2: bad-row", "line 3: bad-row", "line 4: bad-row", one(5, "4", "e")}},
		"at the end":                        {"1,a\n2,b\n\"2,c\n", []string{one(2, "1", "a"), "line 3: bad-row", "line 4: bad-row"}},
		"at the beginning":                  {"\"1,a\n,b\n2,c\n", []string{"line 2: bad-row", "line 3: bad-row", one(4, "2", "c")}},
		"not UTF-8":                         {"1,a\n1,\xff\n2,c\n", []string{"line 2: bad-row", "line 3: bad-row", one(4, "2", "c")}},
		"a sum with too few cells":          {"1,a\nTotal\n", []string{one(2, "1", "a")}},
	} {
		require.Equal(t, c.want, sorted(read(t, "Order,Item\n"+c.rows, by)), name)
	}
	json := v1alpha1.FilesTransport{JoinBy: []string{"Order"}, JSONColumns: []string{"Item"}}
	require.Equal(t, []string{"line 2: bad-json", "line 3: bad-row"}, sorted(read(t, "Order,Item\n1,{\n1,2\n", json)))
}

func TestRowsThatAreApart(t *testing.T) {
	var notes []string
	s := v1alpha1.FilesTransport{JoinBy: []string{"Order", "Day"}}
	text := "Order,Day,Item\n1,1,a\n2,1,b\n1,1,c\n1,2,d\n"
	require.NoError(t, export.Read(strings.NewReader(text), &s, func(*export.Record) error { return nil }, func(n string) { notes = append(notes, n) }))
	require.Equal(t, []string{"1 record has the same Order, Day as one before, but other rows in between: rows of one record have to follow each other. " +
		"Sort the file, or add a column to joinBy"}, notes)
}

// sorted puts records that cannot be read to the place of their lines: they do not wait for the record around them.
func sorted(records []string) []string {
	for i := 1; i < len(records); i++ {
		for j := i; j > 0 && records[j] < records[j-1]; j-- {
			records[j], records[j-1] = records[j-1], records[j]
		}
	}
	return records
}

func TestOneRecordHasALimitOfRows(t *testing.T) {
	s := v1alpha1.FilesTransport{JoinBy: []string{"Order"}}
	require.Equal(t, []string{"line 2: " + reject.TooManyEvents}, read(t, "Order,Item\n"+strings.Repeat("1,a\n", 3000), s))
}

func TestHeaders(t *testing.T) {
	s := v1alpha1.FilesTransport{Header: &v1alpha1.FileHeader{Rows: 3, Columns: []string{"Id", "At"}}}
	content := "Report of 1 May\n\nId;At;Note\nNumber;\"Date\nof it\";\n\"{\"\"n\"\":1}\";\"{\"\"timeZone\"\":\"\"Asia/Tokyo\"\"}\";\n7;2026-05-01;x\n"
	var header []map[string]any
	require.NoError(t, export.Read(strings.NewReader(content), &s, func(r *export.Record) error {
		header = r.Header
		require.Equal(t, map[string]any{"Id": "7", "At": "2026-05-01", "Note": "x"}, r.Values)
		require.Equal(t, 7, r.Line)
		return nil
	}, func(string) {}))
	require.Equal(t, "Date\nof it", header[0]["At"])
	require.Equal(t, map[string]any{"timeZone": "Asia/Tokyo"}, header[1]["At"])
	_, err := readAll("A,B\n1,2\n", s)
	require.ErrorContains(t, err, "no line names the columns Id, At")
	_, err = readAll("Id,At\n1,2\n", s)
	require.ErrorContains(t, err, "ends inside the rows of its header")
}

func TestRowsThatAreNoRecords(t *testing.T) {
	s := v1alpha1.FilesTransport{IgnoreRows: []v1alpha1.RowFilter{{Values: []string{"Total"}}, {Column: "B", Values: []string{"-"}}}}
	require.Equal(t, []string{"line 2: map[A:1 B:2]"}, read(t, "A,B\n1,2\nTOTAL:,2\n2,-\n,\n", s))
}

func TestJSONInCells(t *testing.T) {
	s := v1alpha1.FilesTransport{JSONColumns: []string{"P"}}
	require.Equal(t, []string{"line 2: map[P:map[a:1]]", "line 3: bad-json"}, read(t, "P,Q\n\"{\"\"a\"\":1}\",\n{,\n", s))
	require.Equal(t, []string{"line 1: map[P:map[a:1]]", "line 2: map[P:map[a:2]]"}, read(t, "{\"P\":\"{\\\"a\\\":1}\"}\n{\"P\":{\"a\":2}}\n", s))
}

func TestEncodings(t *testing.T) {
	s := v1alpha1.FilesTransport{Encoding: "windows-1252"}
	text := "Name;Preis\nGröße;5 €\n"
	old, err := charmap.Windows1252.NewEncoder().String(text)
	require.NoError(t, err)
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	require.NoError(t, err)
	want := ids(t, text, s)
	for name, content := range map[string]string{"windows-1252": old, "UTF-16": wide, "a byte-order mark": "\ufeff" + text} {
		require.Equal(t, want, ids(t, content, s), name)
	}
	require.Equal(t, []string{"line 2: bad-row"}, read(t, old, v1alpha1.FilesTransport{}))

	// A damaged byte does not make it another encoding.
	require.Equal(t, []string{"line 2: map[Name:Größe Preis:5 €]", "line 3: bad-row", "line 4: map[Name:ü]"}, read(t, text+"\xfc;\nü;\n", s))
	err = export.Read(strings.NewReader("\xdc;\nA;B\n"), &v1alpha1.FilesTransport{}, nil, func(string) {})
	require.ErrorContains(t, err, "Save the file as UTF-8, or set spec.transport.files.encoding", "there is no flag")
}

func TestEqualRowsCountByTheirPlace(t *testing.T) {
	short, long := ids(t, "A,B\n1,2\n1,2\n", v1alpha1.FilesTransport{}), ids(t, "B,A\n9,9\n2,1\n2,1\n2,1\n", v1alpha1.FilesTransport{})
	require.NotEqual(t, short[0], short[1])
	require.Equal(t, short, long[1:3], "in another order of columns, and with other rows")
	require.NotContains(t, short, long[3])
}

func archive(t *testing.T, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		require.NoError(t, err)
		_, err = w.Write([]byte(files[i+1]))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.String()
}

func TestArchives(t *testing.T) {
	content := archive(t, "b/Sent.csv", "A\n1\n", "a/Opens.csv", "A\n1\n", "__MACOSX/._Sent.csv", "x", "notes.txt", "A\n2\n")
	s := v1alpha1.FilesTransport{Members: []string{"*sent.csv", "Op*s*"}}
	require.Equal(t, []string{"Opens.csv, line 2: map[A:1]", "Sent.csv, line 2: map[A:1]"}, read(t, content, s))
	both := ids(t, content, s)
	require.NotEqual(t, both[0], both[1], "the same row in two files is two events")
	require.Len(t, read(t, content, v1alpha1.FilesTransport{}), 3)
	require.Equal(t, ids(t, "A\n1\n", v1alpha1.FilesTransport{}), ids(t, archive(t, "x.csv", "A\n1\n"), v1alpha1.FilesTransport{}), "only compressed")
	_, err := readAll(content, v1alpha1.FilesTransport{Members: []string{"nothing"}})
	require.ErrorContains(t, err, "members")
	_, err = readAll(content[:40], s)
	require.ErrorContains(t, err, "truncated")
	_, err = readAll(archive(t, "[Content_Types].xml", "<x/>", "xl/workbook.xml", "<x/>"), s)
	require.ErrorContains(t, err, "save the sheet")
}

func TestSettingsAreChecked(t *testing.T) {
	for field, s := range map[string]v1alpha1.FilesTransport{
		"timeZone": {TimeZone: "Mars/Base"}, "encoding": {Encoding: "utf-99"}, "separator": {Separator: "Slash"},
	} {
		require.ErrorContains(t, export.Check(&s), field)
		_, err := readAll("A\n1\n", s)
		require.Error(t, err)
	}
}

func TestWhatRulesSee(t *testing.T) {
	var got map[string]any
	s := v1alpha1.FilesTransport{}
	require.NoError(t, export.Read(strings.NewReader("A\n1\n"), &s, func(r *export.Record) error {
		c := r.Candidate("a.csv", "UTC", "EUR")
		got = c.Message()
		require.True(t, c.Record)
		return nil
	}, func(string) {}))
	require.Equal(t, map[string]any{"file": "a.csv", "line": int64(2), "timeZone": "UTC", "currency": "EUR"}, got)
}
