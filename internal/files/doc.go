// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package files reads files of rows: JSON documents, tables with a header, and Parquet, whatever their compression and line ends.
// What a file is, its bytes say, not its name; but of encodings of text they say UTF-8 and UTF-16 alone, and others have to be told.
// It is read as a stream with bounded memory. A record that cannot be read costs that record.
package files
