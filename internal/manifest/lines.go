// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

var (
	lineNumber = regexp.MustCompile(`\bline (\d+)`)
	// ofParser matches errors that the library numbers from 0, and leaves without a number in line 0.
	ofParser = regexp.MustCompile(`did not find expected (<|'-'|key|',' or|node content)`)
)

// inFile returns an error of a document with the lines of its file and with the usual fix. above is the number of lines above the document.
func inFile(err error, above int) error {
	text := err.Error()
	if ofParser.MatchString(text) {
		if above++; !lineNumber.MatchString(text) {
			text = strings.Replace(text, "yaml: ", "yaml: line 0: ", 1)
		}
	}
	text = lineNumber.ReplaceAllStringFunc(text, func(found string) string {
		n, err := strconv.Atoi(strings.TrimPrefix(found, "line "))
		if err != nil {
			return found // There are not that many lines.
		}
		return "line " + strconv.Itoa(n+above)
	})
	if strings.Contains(text, "',' or") {
		text += "; inside { } and [ ], put expressions in quotes: {email: \"body.?email\"}"
	}
	return errors.New(text)
}
