// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package draft

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
)

// writer writes YAML with comments, to memory.
type writer struct{ strings.Builder }

// text writes a text as it is.
func (w *writer) text(text string) { _, _ = w.WriteString(text) }

// line writes a line at an indentation.
func (w *writer) line(indent int, format string, args ...any) {
	w.text(strings.Repeat(" ", indent) + fmt.Sprintf(format, args...) + "\n")
}

// width of comments.
const width = 110

// comment writes a comment, wrapped. Further lines are indented.
func (w *writer) comment(indent int, format string, args ...any) {
	line := strings.Repeat(" ", indent) + "#"
	begun := false
	for _, word := range strings.Fields(shown(fmt.Sprintf(format, args...))) {
		if begun && len(line)+1+len(word) > width {
			w.text(line + "\n")
			line = strings.Repeat(" ", indent) + "#  "
		}
		line += " " + word
		begun = true
	}
	w.text(line + "\n")
}

var (
	bare = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.?-]*( [A-Za-z0-9_-]+)*$`)
	// words of YAML 1.1 that are no texts.
	words = []string{"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
)

// quoted returns a text as a scalar of YAML.
func quoted(text string) string {
	if bare.MatchString(text) && !slices.Contains(words, strings.ToLower(text)) {
		return text
	}
	if strings.IndexFunc(text, func(c rune) bool { return !unicode.IsPrint(c) || c == '\ufeff' }) < 0 {
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // to memory
	return strings.TrimSpace(b.String())
}

// shown returns a text of the files as comments and messages show it: without control characters and identifiers.
func shown(text string) string {
	return strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) && c != ' ' {
			return '\ufffd'
		}
		return c
	}, mask.Name(text))
}

// maxEventName is the length of the name of an event in a map.
const maxEventName = 128

// undoing are parts of names of events that undo a step or fail.
var undoing = []string{"refund", "cancel", "return", "chargeback", "void", "storno", "retoure", "rückgabe", "erstatt", "annul", "remove", "declin", "fail",
	"error"}

// identifying are names of events of SDKs that say who somebody is.
var identifying = []string{"$identify", "$set", "$create_alias", "$groupidentify", "identify", "alias", "group"}

// unsuitable returns why the name of an event is none of a stage; empty if it can be one.
func unsuitable(name string) string {
	lower := strings.ToLower(name)
	switch {
	case slices.ContainsFunc(undoing, func(part string) bool { return strings.Contains(lower, part) }):
		return "by its name, it undoes a step or fails: consider an exclusion"
	case slices.Contains(identifying, lower):
		return "it says who somebody is, not what they did"
	case mask.All.Finds(name):
		return "its name has an e-mail address or a phone number"
	case len([]rune(name)) > maxEventName:
		return fmt.Sprintf("its name has more than %d characters", maxEventName)
	}
	return ""
}
