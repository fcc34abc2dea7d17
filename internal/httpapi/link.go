// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package httpapi

import (
	"net/http"
	"strings"
)

// Next returns the target of the link with the relation "next" (RFC 8288), or an empty text. It can be relative.
func Next(h http.Header) string {
	for _, line := range h.Values("Link") {
		for line != "" {
			var target, parameters string
			target, parameters, line = cutLink(line)
			if target != "" && isNext(parameters) {
				return target
			}
		}
	}
	return ""
}

// cutLink returns the first link of a header, its parameters, and the rest.
func cutLink(line string) (target, parameters, rest string) {
	begin := strings.IndexByte(line, '<')
	if begin < 0 {
		return "", "", ""
	}
	target, after, found := strings.Cut(line[begin+1:], ">")
	if !found {
		return "", "", ""
	}
	quoted := false
	for i := 0; i < len(after); i++ {
		switch c := after[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			return strings.TrimSpace(target), after[:i], after[i+1:]
		}
	}
	return strings.TrimSpace(target), after, ""
}

// isNext reports whether the first relation of the parameters is, or contains, "next".
func isNext(parameters string) bool {
	for parameters != "" {
		var p string
		p, parameters = cutParameter(parameters)
		name, v, _ := strings.Cut(p, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "rel") {
			continue
		}
		for _, relation := range strings.Fields(strings.Trim(strings.TrimSpace(v), `"`)) {
			if strings.EqualFold(relation, "next") {
				return true
			}
		}
		// Further relations must be ignored.
		return false
	}
	return false
}

// cutParameter returns the text up to the next semicolon that is not quoted, and the rest.
func cutParameter(s string) (first, rest string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == ';' && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}
