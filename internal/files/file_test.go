// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
)

// all returns the rows of a file.
func all(t testing.TB, name, content string, o Options) (*File, []Row, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	f, err := Open(path, o)
	if err != nil {
		return nil, nil, err
	}
	defer func() { require.NoError(t, f.Close()) }()
	var rows []Row
	err = f.Each(func(r Row) error { rows = append(rows, r); return nil })
	return f, rows, err
}

// described formats rows: their lines, and their values or errors.
func described(rows []Row) []string {
	out := []string{}
	for _, r := range rows {
		what := fmt.Sprint(r.Values)
		if r.Bad != nil {
			what = r.Bad.Error()
		}
		out = append(out, fmt.Sprintf("%d %s", r.Line, strings.TrimPrefix(what, "map")))
	}
	return out
}

func utf16Of(text string, little, mark bool) string {
	var b bytes.Buffer
	if mark {
		text = "\ufeff" + text
	}
	for _, u := range utf16.Encode([]rune(text)) {
		if little {
			b.Write([]byte{byte(u), byte(u >> 8)})
		} else {
			b.Write([]byte{byte(u >> 8), byte(u)})
		}
	}
	return b.String()
}

func gzipped(t testing.TB, text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func zstandard(t testing.TB, text string) string {
	w, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	return string(w.EncodeAll([]byte(text), nil))
}

// One table in all formats in which databases and spreadsheets export it.
func TestOneTable(t *testing.T) {
	const plain = "event,who,note\nView,Jürgen,\"a, b\"\n\nBuy,Zoë,x\n"
	want := []string{"2 [event:View note:a, b who:Jürgen]", "4 [event:Buy note:x who:Zoë]"}
	for name, c := range map[string]struct {
		content string
		notes   []string
	}{
		"plain.csv":          {plain, nil},
		"windows.csv":        {strings.ReplaceAll(plain, "\n", "\r\n"), nil},
		"mac.csv":            {strings.ReplaceAll(plain, "\n", "\r"), nil},
		"no-last-end.csv":    {strings.TrimSuffix(plain, "\n"), nil},
		"mark.csv":           {"\ufeff" + plain, nil},
		"quoted-header.csv":  {"\ufeff\"event\",\"who\",\"note\"\n" + strings.TrimPrefix(plain, "event,who,note\n"), nil},
		"blanks.csv":         {" event , who,  note \nView , Jürgen ,  \"a, b\" \n\nBuy, Zoë ,x\n", nil},
		"semicolons.csv":     {"event;who;note\nView;Jürgen;\"a, b\"\n\nBuy;Zoë;x\n", []string{"cells are separated by semicolons"}},
		"tabs.csv":           {"event\twho\tnote\nView\tJürgen\ta, b\n\nBuy\tZoë\tx\n", []string{"cells are separated by tabs"}},
		"tabs.tsv":           {"event\twho\tnote\nView\tJürgen\ta, b\n\nBuy\tZoë\tx\n", []string{"cells are separated by tabs"}},
		"bars.txt":           {"event|who|note\nView|Jürgen|a, b\n\nBuy|Zoë|x\n", []string{"cells are separated by vertical bars"}},
		"commas.tsv":         {plain, nil},
		"utf16le.csv":        {utf16Of(plain, true, true), []string{"text in UTF-16"}},
		"utf16be.csv":        {utf16Of(plain, false, true), []string{"text in UTF-16"}},
		"utf16le-bare.csv":   {utf16Of(plain, true, false), []string{"text in UTF-16 without a byte-order mark"}},
		"utf16be-bare.csv":   {utf16Of(plain, false, false), []string{"text in UTF-16 without a byte-order mark"}},
		"gzip.csv.gz":        {gzipped(t, plain), nil},
		"gzip-in-secret.csv": {gzipped(t, plain), nil},
		"zstd.csv.zst":       {zstandard(t, plain), nil},
		"twice.csv.gz":       {gzipped(t, gzipped(t, plain)), nil},
		"both":               {zstandard(t, gzipped(t, utf16Of(plain, true, true))), []string{"text in UTF-16"}},
		"spare.csv":          {"event,who,note,,\nView,Jürgen,\"a, b\",,\n\nBuy,Zoë,x,,\n", nil},
		"nameless.csv":       {",event,who,note\n0,View,Jürgen,\"a, b\"\n\n1,Buy,Zoë,x\n", []string{"column 1 has no name and is left out"}},
	} {
		f, rows, err := all(t, name, c.content, Options{})
		require.NoError(t, err, name)
		require.Equal(t, want, described(rows), name)
		require.Equal(t, c.notes, f.Notes(), name)
	}
	_, rows, err := all(t, "excel.csv", "sep=;\r\nevent;note\r\nView;1,5\r\n", Options{})
	require.NoError(t, err)
	require.Equal(t, []string{"3 [event:View note:1,5]"}, described(rows))
}

// Only invalid records are rejected. Lines are counted as in an editor.
func TestBrokenRecords(t *testing.T) {
	for name, c := range map[string]struct{ content, want string }{
		"quoted newline":    {"a,b\n\"x\ny\",1\nz,2\n", "2 [a:x\ny b:1]|4 [a:z b:2]"},
		"doubled quote":     {"a,b\n\"x \"\"y\"\"\",1\n", `2 [a:x "y" b:1]`},
		"quote inside":      {"a,b\n5\" pipe,1\nz,2\n", `2 [a:5" pipe b:1]|3 [a:z b:2]`},
		"never closed":      {"a,b\n\"x,1\ny,2\nz,3\n", "2 bad-row: a quote is opened and never closed|3 [a:y b:2]|4 [a:z b:3]"},
		"closed far below":  {"a,b\n\"x,1\ny,2\n\"z,\",3\n", "2 bad-row: a quote is opened and never closed|3 [a:y b:2]|4 [a:z, b:3]"},
		"empty cells":       {"a,b\n,\n\n , \nx,1\n", "5 [a:x b:1]"},
		"too few":           {"a,b\nx\ny,2\n", "2 bad-row: the row has 1 cell, but there are 2 columns|3 [a:y b:2]"},
		"too many":          {"a,b\nx,1,2\ny,2,,\n", "2 bad-row: the row has 3 cells, but there are 2 columns|3 [a:y b:2]"},
		"no UTF-8":          {"a,b\né,1\nx\xff,2\nz,3\n", `2 [a:é b:1]|3 bad-row: the cell of column "a" is not UTF-8|4 [a:z b:3]`},
		"NaN":               {"{\"a\":1}\n{\"a\":NaN}\n\n{\"a\":2}\n", "1 [a:1]|2 bad-json: invalid JSON: invalid character 'N'|4 [a:2]"},
		"cut off":           {"{\"a\":1}\n{\"a\":", "1 [a:1]|2 bad-json: invalid JSON: unexpected end of JSON input"},
		"no object":         {"{\"a\":1}\n[1]\n3\n", "1 [a:1]|2 bad-json: it is not a JSON object|3 bad-json: it is not a JSON object"},
		"doubled field":     {"{\"a\":1,\"b\":{\"c\":1},\"a\":2}\n", `1 bad-json: the field "a" appears twice`},
		"broken first line": {"{\"a\":\n{\"a\":1}\n", "1 bad-json: invalid JSON|2 [a:1]"},
		"list":              {"[{\"a\":1},\n {\"a\":NaN},\n{\"a\":\"]}\"}\n]\n", "1 [a:1]|2 bad-json: invalid JSON|3 [a:]}]"},
		"list on one line":  {`[{"a":1},{"a":2}]`, "1 [a:1]|1 [a:2]"},
		"list of others":    {"[{\"a\":1},\n7,\n{\"a\":2}]", "1 [a:1]|2 bad-json: invalid JSON|3 [a:2]"},
		"cut off list":      {"[{\"a\":1},\n{\"a\":", "1 [a:1]|2 bad-json: the document is not complete"},
		"indented":          {"{\n  \"a\": 1\n}\n{\n  \"a\": {\"b\": \"}\"}\n}\n", "1 [a:1]|4 [a:map[b:}]]"},
		"wrapped":           {"{\"next\": null, \"n\": {\"a\": [1]}, \"events\": [\n{\"a\":1},\n{\"a\":2}], \"x\": [{\"a\":3}]}", "2 [a:1]|3 [a:2]"},
		"a batch a line":    {"{\"batch\":[{\"a\":1}]}\n{\"batch\":[{\"a\":2}]}\n", "1 [batch:[map[a:1]]]|2 [batch:[map[a:2]]]"},
		"stray":             {"a,b\n\"x\"y,1\nz,2\n", "2 bad-row: text follows a closing quote|3 [a:z b:2]"},
	} {
		_, rows, err := all(t, "f", c.content, Options{})
		require.NoError(t, err, name)
		got := described(rows)
		want := strings.Split(c.want, "|")
		require.Len(t, got, len(want), "%s: %q", name, got)
		for i := range want {
			require.True(t, strings.HasPrefix(got[i], want[i]), "%s: %q, want %q", name, got[i], want[i])
		}
	}
	_, rows, err := all(t, "f", "{\"x\":[{\"a\":1}]}", Options{})
	require.NoError(t, err)
	require.Equal(t, []string{"1 [x:[map[a:1]]]"}, described(rows), "a list of another name is a field")
	_, rows, err = all(t, "f", "{\"events\":[{\"a\":1}]}", Options{Whole: true})
	require.NoError(t, err)
	require.Equal(t, []string{"1 [events:[map[a:1]]]"}, described(rows), "mapping rules want the document")
}

// Long records do not use much memory, and only they are rejected.
func TestLongRecords(t *testing.T) {
	long := strings.Repeat("x", 3*maxRecord)
	for name, content := range map[string]string{
		"line":     "{\"a\":1}\n{\"a\":\"" + long + "\"}\n{\"a\":2}\n",
		"document": "[{\"a\":1},\n{\"a\":\"" + long + "\"},\n{\"a\":2}]",
		"row":      "a,b\n1,\n" + long + ",1\n2,\n",
	} {
		_, rows, err := all(t, name, content, Options{})
		require.NoError(t, err, name)
		require.Len(t, rows, 3, name)
		require.Equal(t, "field-too-long", rows[1].Bad.Reason, name)
		require.Nil(t, rows[2].Bad, name)
	}
}

// Consecutive JSON objects without line breaks are read, as Kinesis Firehose writes them.
func TestDocumentsWithoutLines(t *testing.T) {
	for _, text := range []string{`{"a":"1"}{"a":"2"} {"a":"}{"}`, `{"a":"1"}{"a":"2"}` + "\n" + `{"a":"}{"}` + "\n"} {
		_, rows, err := all(t, "firehose.json", text, Options{})
		require.NoError(t, err)
		require.Len(t, rows, 3, text)
		for i, want := range []string{"1", "2", "}{"} {
			require.Nil(t, rows[i].Bad, text)
			require.Equal(t, want, rows[i].Values["a"], text)
		}
	}
}

// Nothing after a list is lost, and a list that was cut off is not complete.
func TestSeveralLists(t *testing.T) {
	const cut = "bad-json: the list is not complete: the file ends inside it"
	long := strings.Repeat("x", peekBytes)
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"lists":                {"[{\"a\":1},{\"a\":2}]\n[{\"a\":3}]\n[]\n{\"a\":4}\n", []string{"1 [a:1]", "1 [a:2]", "2 [a:3]", "4 [a:4]"}},
		"numbers":              {"[1,2]\n", []string{"1 bad-json: invalid JSON: invalid character ',' after top-level value, at byte 2 of the document"}},
		"cut off":              {"[{\"a\":1},\n{\"a\":2},\n", []string{"1 [a:1]", "2 [a:2]", "3 " + cut}},
		"cut off in a row":     {"[{\"a\":1},\n{\"a\":", []string{"1 [a:1]", "2 bad-json: the document is not complete: the file ends inside it"}},
		"a page":               {"{\"page\":1,\"data\":[{\"a\":1}],\"next\":{\"]\":[\"}\"]}}\n", []string{"1 [a:1]"}},
		"pages":                {"{\n\"data\":[\n{\"a\":1}\n]}\n{\"x\":{\"data\":[{}]},\n\"data\":[{\"a\":2}]}\n{\"data\":[ ]}{\"data\":[{\"a\":3}]}", []string{"3 [a:1]", "6 [a:2]", "7 [a:3]"}},
		"a page without":       {"{\n\"data\":[{\"a\":1}]}\n{\"b\":2}\n{\"data\":[{\"a\":3}]}\n", []string{"2 [a:1]", "3 bad-json: it follows the list \"data\", and has no such list at its beginning: write one document a line", "4 [a:3]"}},
		"a page that ends":     {"{\n\"data\":[{\"a\":1}],\"next\":", []string{"2 [a:1]", "2 " + cut}},
		"a page after a lot":   {"{\"data\":[{\"a\":\"" + long + "\"}]}\n{\"data\":[{\"a\":2}]}\n", []string{"1 [a:" + long + "]", "2 [a:2]"}},
		"documents and a list": {"{\"a\":1}{\"a\":2}\n[{\"a\":3}]\n", []string{"1 [a:1]", "1 [a:2]", "2 bad-json: it is not a JSON object"}},
	} {
		_, rows, err := all(t, "f.json", c.text, Options{})
		require.NoError(t, err, name)
		require.Equal(t, c.want, described(rows), name)
	}
}

func TestColumnsWithoutNames(t *testing.T) {
	f, rows, err := all(t, "f.csv", strings.Repeat(",", 1000)+"a\n"+strings.Repeat(",", 1000)+"1\n", Options{})
	require.NoError(t, err)
	require.Equal(t, []string{"2 [a:1]"}, described(rows))
	require.Len(t, f.Notes(), 11)
	require.Equal(t, "990 columns more have no name and are left out", f.Notes()[10])
}
