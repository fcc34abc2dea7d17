// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package files reads files of rows: JSON documents, tables with a header, and Parquet, whatever their compression and line ends.
// The format is detected from the bytes, not from the name. Of text encodings, only UTF-8 and UTF-16 are detected; set others explicitly.
// It is read as a stream with bounded memory. A record that cannot be read costs that record.
package files
