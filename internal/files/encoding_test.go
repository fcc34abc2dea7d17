// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// A table that is not UTF-8 is refused with a list of possible encodings, and can be read if the encoding is given.
func TestEncodings(t *testing.T) {
	for name, c := range map[string]struct {
		e           encoding.Encoding
		text, shows string
	}{
		"windows-1252": {charmap.Windows1252, "Jürgen Groß", `"üß" in windows-1252, windows-1250, iso-8859-2, iso-8859-15`},
		"windows-1250": {charmap.Windows1250, "Žluťoučký kůň", `"ŽťčýůřŠ`[:len(`"Žťčýů`)]},
		"iso-8859-2":   {charmap.ISO8859_2, "Łódź śnieg", `"Łódźś`[:len(`"Łó`)]},
		"iso-8859-15":  {charmap.ISO8859_15, "Šárka Œuvre", `"Šá`},
		"macintosh":    {charmap.Macintosh, "Jürgen Groß", `"üß" in macintosh`},
		"windows-1251": {charmap.Windows1251, "Иван Петров", `"ИванПе" in windows-1251`},
		"koi8-r":       {charmap.KOI8R, "Иван Петров", `"ИванПе" in koi8-r`},
		"shift_jis":    {japanese.ShiftJIS, "山田太郎、表示", ""},
		"gbk":          {simplifiedchinese.GBK, "王小明北京", ""},
		"IBM850":       {charmap.CodePage850, "Jürgen Groß", ""},
	} {
		table := "event,who\nView,plain\nView," + c.text + "\nBuy," + c.text + "\n"
		raw, err := c.e.NewEncoder().String(table)
		require.NoError(t, err, name)
		_, _, err = all(t, "f.csv", raw, Options{})
		require.ErrorContains(t, err, "the text is not UTF-8: line 3, column ", name)
		require.ErrorContains(t, err, "Save the file as UTF-8, or set --encoding", name)
		require.ErrorContains(t, err, c.shows, name)
		f, rows, err := all(t, "f.csv", raw, Options{Encoding: name})
		require.NoError(t, err, name)
		require.Equal(t, []string{"2 [event:View who:plain]", "3 [event:View who:" + c.text + "]", "4 [event:Buy who:" + c.text + "]"}, described(rows), name)
		require.Equal(t, []string{"read as " + name + ", as requested"}, f.Notes())
		_, _, err = all(t, "f.csv", table, Options{Encoding: name})
		require.ErrorContains(t, err, "the text is UTF-8 and not "+name+": line 3", name)
		marked, rows, err := all(t, "f.csv", "\ufeff"+table, Options{Encoding: name})
		require.NoError(t, err, "a byte-order mark says more")
		require.Len(t, rows, 3)
		require.Empty(t, marked.Notes())
	}
	require.NoError(t, CheckEncoding("Latin1"))
	require.NoError(t, CheckEncoding("CP850"))
	require.ErrorContains(t, CheckEncoding("klingon"), `unknown encoding "klingon": use one such as utf-8, windows-1252`)
}

// Invalid text rejects only its own lines, if the rest is UTF-8 or if nothing else is known.
func TestInvalidText(t *testing.T) {
	for name, c := range map[string]struct{ content, want string }{
		"one line of ASCII": {"a,b\nx\xfc,1\nz,3\n",
			`2 bad-row: the cell of column "a" is not UTF-8: it has the byte 0xfc. Save the file as UTF-8, or set --encoding|3 [a:z b:3]`},
		"two of many":    {"a,b\nx\xff,1\ny\xff,2\n" + strings.Repeat("z,3\n", 300), "2 bad-row|3 bad-row|4 [a:z b:3]"},
		"between UTF-8":  {"a,b\né,1\nx\xff,2\ny\xff,2\nèàü,3\n", "2 [a:é b:1]|3 bad-row|4 bad-row|5 [a:èàü b:3]"},
		"JSON":           {"{\"a\":1}\n{\"a\":\"\xfc\"}\n{\"a\":2}\n", "1 [a:1]|2 bad-json: the text is not UTF-8: it has the byte 0xfc|3 [a:2]"},
		"zero bytes":     {"a,b\nx\x00,1\nz,3\n", `2 bad-row: the cell of column "a" has a zero byte|3 [a:z b:3]`},
		"mixed line end": {"a,b\r\nx,1\ry,2\r\nz,3\n", "2 bad-row: the line contains a carriage return: the line ends of the file are mixed|3 [a:z b:3]"},
	} {
		_, rows, err := all(t, "f.csv", c.content, Options{})
		require.NoError(t, err, name)
		got := described(rows)
		for i, want := range strings.Split(c.want, "|") {
			require.Contains(t, got[i], want, name)
		}
	}
	// text that is invalid in the given encoding
	_, rows, err := all(t, "f.csv", "a,b\n\x81x,1\nz\xfc,3\n", Options{Encoding: "windows-1253"})
	require.NoError(t, err)
	require.Contains(t, described(rows)[1], "3 [a:zό b:3]")
	_, rows, err = all(t, "f.csv", "a,b\n\xd2x,1\nz\xfc,3\n", Options{Encoding: "windows-1253"})
	require.NoError(t, err)
	require.Contains(t, described(rows)[0], `the cell of column "a" has characters that do not exist in windows-1253`)
}

// If the encoding becomes clear only in the middle of a file, the error names the line.
func TestEncodingFoundLate(t *testing.T) {
	long := "a,b\n" + strings.Repeat("x,1\n", 50_000) + "zz\xfc,1\nzz\xe4,1\n"
	_, rows, err := all(t, "f.csv", long, Options{})
	require.ErrorContains(t, err, "line 50002, column 3 is the byte 0xfc")
	require.LessOrEqual(t, len(rows), 50_000)
}
