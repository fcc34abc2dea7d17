// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package volume

import (
	"bytes"
	"fmt"

	"github.com/zeebo/xxh3"
)

// AddChecksum returns a text of one line, such as JSON, and its checksum in a second line. It is the form of files that people can read, too.
func AddChecksum(line []byte) []byte {
	return append(bytes.Clone(line), "\n"+checksum(line)...)
}

// CheckChecksum returns the first line of the result of AddChecksum, or false if the content is anything else.
func CheckChecksum(content []byte) (line []byte, ok bool) {
	line, sum, _ := bytes.Cut(content, []byte("\n"))
	return line, string(sum) == checksum(line)
}

func checksum(line []byte) string { return fmt.Sprintf("xxh3:%016x\n", xxh3.Hash(line)) }
