// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package files reads files of rows: JSON documents, tables with a header, and Parquet, with any compression and line ends. It detects the format
// from the bytes, not from the name. Of text encodings, it detects only UTF-8 and UTF-16; set any other explicitly. It reads a file as a stream with
// bounded memory. If a record cannot be read, only that record is lost.
package files
