// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/stretchr/testify/require"
)

func zipped(t testing.TB, names ...string) string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		f, err := w.Create(name)
		require.NoError(t, err)
		_, err = f.Write([]byte("application/vnd.oasis.opendocument.spreadsheet"[:3]))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.String()
}

func tarred(t testing.TB) string {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	require.NoError(t, w.WriteHeader(&tar.Header{Name: "events.csv", Size: 1, Mode: 0o600}))
	_, err := w.Write([]byte("x"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

// Files of other formats are refused by the name of their format, whatever the file extension is. The error says what to do.
func TestForeignFiles(t *testing.T) {
	for name, c := range map[string]struct{ content, want string }{
		"empty":             {"", "the file is empty"},
		"blank":             {"\n \n", "the file is empty"},
		"Excel":             {zipped(t, "[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"), `a workbook of Excel (xlsx): in Excel, save the sheet as "CSV UTF-8"`},
		"LibreOffice":       {"PK\x03\x04....mimetypeapplication/vnd.oasis.opendocument.spreadsheetPK", "a workbook of LibreOffice (ods)"},
		"Numbers":           {zipped(t, "Index/Document.iwa"), "a document of Numbers or Pages"},
		"ZIP":               {zipped(t, "events.csv"), "a ZIP archive: unpack it"},
		"old Excel":         {"\xd0\xcf\x11\xe0\xa1\xb1", "a workbook of an old spreadsheet"},
		"tar":               {gzipped(t, tarred(t)), "a tar archive: unpack it"},
		"Avro":              {"Obj\x01avro.schema", "the file is Avro"},
		"login":             {"<!DOCTYPE html><html>", "a web page: a download that needs a login returns one"},
		"login, late":       {"\ufeff\r\n  <!-- x -->\n<HTML>", "a web page"},
		"sheet as HTML":     {"<table border=1><tr><td>event</td></tr>", "a web page: a download that needs a login returns one, and some programs save one for Excel"},
		"XML":               {"<?xml version=\"1.0\"?><events/>", "the file is XML"},
		"sheet as XML":      {"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">", "a workbook of a spreadsheet in XML"},
		"Git LFS":           {"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "a pointer of Git LFS"},
		"SQL":               {"-- MySQL dump 10.13\nCREATE TABLE a", "a script of SQL"},
		"PGP":               {"-----BEGIN PGP MESSAGE-----\n", "encrypted by PGP"},
		"RTF":               {"{\\rtf1\\ansi", "a document of a word processor"},
		"UTF-32":            {"\xff\xfe\x00\x00a\x00\x00\x00", "UTF-32: convert it to UTF-8"},
		"doubled":           {"time,customerId,time\n1,2,3\n", `the column "time" appears twice, as columns 1 and 3`},
		"doubled, blank":    {" time,customerId,\"time \"\n1,2,3", `the column "time" appears twice`},
		"Cyrillic header":   {"\xf1\xee\xe1\xfb\xf2\xe8\xe5,\xe2\xf0\xe5\xec\xff\n", `line 1, column 1 is the byte 0xf1`},
		"zero bytes":        {"a,b\x00c\n", "line 1 has zero bytes: the file is damaged, or not text"},
		"no gzip":           {"\x1f\x8b\x08garbage", "the file cannot be read: gzip"},
		"cut off":           {gzipped(t, strings.Repeat("a,b\n1,2\n", 9000))[:60], "the file cannot be read: gzip: the file is truncated: download it again"},
		"gzip and more":     {gzipped(t, "a,b\n1,2\n") + "a,b\n3,4\n and more", "gzip: something else follows the compressed text"},
		"zstd and more":     {zstandard(t, "a,b\n1,2\n") + "a,b\n3,4\n", "zstd: something else follows the compressed text"},
		"bomb":              {gzipped(t, gzipped(t, strings.Repeat("a", 300<<20))), "unpacks to more than 1100 times its size"},
		"a title":           {"Sales of May\n\nevent,time,customerId\nBuy,2026-05-01,a\nBuy,2026-05-01,b\n", "line 1 has 1 cell, but most lines after it have 3: remove the lines above the header, which seems to be line 3"},
		"a padded title":    {"Sales;;\nevent;time;customerId\nBuy;2026-05-01;a\n", "which seems to be line 2"},
		"more titles":       {"Sales,May\nBy,me\nevent,time,customerId,x\nBuy,2026-05-01,a,1\nBuy,2026-05-01,a,1\nBuy,2026-05-01,a,1\n", "which seems to be line 3"},
		"no header":         {"Buy,2026-05-01T10:00:00Z,ann\nBuy,2026-05-01T11:00:00Z,bob\n", "the first line looks like a row, not like the names of columns: its cell 2 is a time or a long number"},
		"no header, e-mail": {"Buy,ann@example.test\n", "its cell 2 is an e-mail address"},
	} {
		_, _, err := all(t, "events.csv", c.content, Options{})
		require.ErrorContains(t, err, c.want, name)
		require.NotContains(t, err.Error(), "ann@", name)
		require.NotContains(t, err.Error(), "\n", name)
	}
	for name, content := range map[string]string{
		"Cyrillic in UTF-8":   "событие\n",
		"concatenated":        gzipped(t, "a,b\n1,2\n") + gzipped(t, "3,4\n"),
		"an unnamed index":    "a,b\n1,x,y\n2,x,y\n",
		"one column":          "a\n\"1,2\"\n3\n",
		"a tag in the header": "<ticker>,<date>\nx,1\n",
		"header alone":        "a,b\n",
	} {
		_, _, err := all(t, "events.csv", content, Options{})
		require.NoError(t, err, name)
	}
	_, rows, err := all(t, "events.csv", gzipped(t, "a,b\n1,2\n")+gzipped(t, "3,4\n"), Options{})
	require.NoError(t, err)
	require.Equal(t, []string{"2 [a:1 b:2]", "3 [a:3 b:4]"}, described(rows))
}

// Quotes that never close are read at most twice. Otherwise, each of these files would take hours.
func TestQuotesThatNeverClose(t *testing.T) {
	for name, line := range map[string]string{
		"closed and opened again": "x\",\"y\n",
		"text behind the quote":   "a\"b,\"c\n",
		"opened alone":            ",\"\n",
		"one in each line":        "\"x,y\n",
	} {
		for header, content := range map[string]string{"a,b": "", "many": strings.Repeat("a,", 2000)} {
			head := header
			if content != "" {
				var b strings.Builder
				for i := range 2000 {
					b.WriteString(strings.Repeat("c", i%7+1) + string(rune('a'+i%26)) + strings.Repeat("d", i/7) + ",")
				}
				head = b.String() + "last"
			}
			_, rows, err := all(t, "f", head+"\n"+strings.Repeat(line, 30_000), Options{})
			if err != nil {
				require.ErrorContains(t, err, "too many quotes are opened and not closed", name)
				continue
			}
			require.NotEmpty(t, rows, name)
		}
	}
}

// FuzzFiles: any file gives rows or an error, and line numbers do not decrease.
func FuzzFiles(f *testing.F) {
	for _, s := range []string{
		"a,b\n\"x\ny\",1\n", "{\"a\":1}\n[", "[{\"a\":1},{", "{\"events\":[{}]}", utf16Of("a;b\n1;2\n", true, false), "a\tb\r1\t\"\r",
		"a,b\nx\",\"y\nx\",\"y\n", "t\n\na,b,c\n1,2,3\n1,2,3\n", "sep=;\na;b\n1;2\n", "\x83\x5c,a\n\xfc,1\n", zipped(f, "xl/a"),
		gzipped(f, "a,b\n1,2\n"), zstandard(f, "{\"a\":1}\n"),
		parquetOf(f, arrow.BinaryTypes.String, func(b array.Builder) { b.(*array.StringBuilder).Append("a") }),
	} {
		f.Add([]byte(s), "")
		f.Add([]byte(s), "shift_jis")
		f.Add([]byte(s), "utf-16le")
	}
	f.Fuzz(func(t *testing.T, content []byte, encoding string) {
		in, err := newFile(bytes.NewReader(content), Options{Encoding: encoding})
		if err != nil {
			return
		}
		last := 0
		_ = in.Each(func(r Row) error {
			require.GreaterOrEqual(t, r.Line, last)
			require.True(t, (r.Values == nil) == (r.Bad != nil))
			last = r.Line
			return nil
		})
		require.NoError(t, in.Close())
	})
}
