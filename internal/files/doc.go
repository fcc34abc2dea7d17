// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package files reads files of rows: JSON documents, tables with a header, and Parquet, whatever their compression, encoding and line ends.
// What a file is, its bytes say, not its name. It is read as a stream with bounded memory. A record that cannot be read costs that record.
package files
