// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"bytes"
	"regexp"
)

const (
	saveAsCSV = "save the sheet as \"CSV UTF-8\" and use that file"
	asRows    = "export it as Parquet, NDJSON or CSV"
	notData   = "export the data as CSV"
	repack    = "unpack it, or compress it by gzip or zstd"
)

// magics are the first bytes of unsupported formats, their names, and what to do with such a file.
var magics = []struct{ magic, name, fix string }{
	{"PK\x05\x06", "an empty ZIP archive", "export it again"},
	{"\xd0\xcf\x11\xe0", "a workbook of an old spreadsheet (xls), or another file of Office", saveAsCSV},
	{"\xfd7zXZ\x00", "compressed by xz", repack},
	{"7z\xbc\xaf", "a 7z archive", "unpack it"},
	{"Rar!", "a RAR archive", "unpack it"},
	{"\x04\x22\x4d\x18", "compressed by lz4", repack},
	{"\xff\x06\x00\x00sNaPpY", "compressed by snappy", repack},
	{"\x1f\x9d", "compressed by compress (.Z)", repack},
	{"Obj\x01", "Avro", asRows},
	{"ORC", "ORC", asRows},
	{"PARE", "an encrypted Parquet file", "decrypt it"},
	{"ARROW1", "an Arrow file", "write it as Parquet, NDJSON or CSV"},
	{"FEA1", "a Feather file", "write it as Parquet, NDJSON or CSV"},
	{"\x89HDF", "an HDF5 file", asRows},
	{"$FL2", "a file of SPSS", asRows},
	{"<stata_dta>", "a file of Stata", asRows},
	{"SQLite format 3", "a SQLite database", "export the table as CSV"},
	{"PGDMP", "a dump of PostgreSQL", "export the table as CSV, by COPY … TO … WITH (FORMAT csv, HEADER)"},
	{"%PDF", "a PDF", notData},
	{"{\\rtf", "a document of a word processor (RTF)", notData},
	{"\x89PNG", "a picture", notData},
	{"\xff\xd8\xff", "a picture", notData},
	{"GIF8", "a picture", notData},
	{"\x7fELF", "a program", notData},
}

// parts of ZIP archives identify their format.
var parts = []struct{ part, name, fix string }{
	{"xl/", "a workbook of Excel (xlsx)", "in Excel, " + saveAsCSV},
	{"[Content_Types].xml", "a file of Office, such as a workbook of Excel (xlsx)", "in Excel, " + saveAsCSV},
	{"opendocument.spreadsheet", "a workbook of LibreOffice (ods)", "in LibreOffice, " + saveAsCSV + ", in UTF-8"},
	{"Index/", "a document of Numbers or Pages", "in Numbers, export it as CSV in UTF-8"},
	{"", "a ZIP archive", "unpack it and use the files in it"},
}

// foreign returns the name of an unsupported binary format, and what to do with such a file.
func foreign(head []byte) (name, fix string) {
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			return m.name, m.fix
		}
	}
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		for _, p := range parts {
			if bytes.Contains(head, []byte(p.part)) {
				return p.name, p.fix
			}
		}
	}
	if len(head) > 262 && string(head[257:262]) == "ustar" {
		return "a tar archive", "unpack it and use the files in it"
	}
	return "", ""
}

var (
	markup    = regexp.MustCompile(`(?i)^(<!--|<!doctype|<html|<head|<body|<table|<meta|<script|<div|<p>)`)
	statement = regexp.MustCompile(`(?i)^(--.*(dump|sql)|/\*!|create table |insert into |copy .* from stdin|begin;|set [a-z_]+ ?=)`)
)

// foreignText returns the name of an unsupported text format, and what to do with such a file.
func foreignText(head []byte) (name, fix string) {
	head = bytes.TrimLeft(head, " \t\r\n\ufeff")
	switch {
	case bytes.HasPrefix(head, []byte("<?xml")) && bytes.Contains(head, []byte("office:spreadsheet")):
		return "a workbook of a spreadsheet in XML", saveAsCSV
	case bytes.HasPrefix(head, []byte("<?xml")) && !bytes.Contains(bytes.ToLower(head), []byte("<html")):
		return "XML", "export it as NDJSON or CSV"
	case bytes.HasPrefix(head, []byte("<?xml")), markup.Match(head):
		return "a web page", "a download that needs a login returns one, and some programs save one for Excel; download the file again, or save the sheet as CSV"
	case bytes.HasPrefix(head, []byte("version https://git-lfs.github.com/")):
		return "a pointer of Git LFS", "fetch the file itself by git lfs pull"
	case bytes.HasPrefix(head, []byte("-----BEGIN PGP MESSAGE")):
		return "encrypted by PGP", "decrypt it"
	case statement.Match(head):
		return "a script of SQL", "export the table as CSV"
	}
	return "", ""
}
