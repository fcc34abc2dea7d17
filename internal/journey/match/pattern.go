// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package match

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

// maxForm is the length of a regular expression or wildcard. RE2 matches in time proportional to the length of the text, so senders cannot make it slow.
const maxForm = 256

// compileForms compiles the values of MatchesRegex or MatchesWildcard.
func compileForms(op journey.Operator, values []string) ([]*regexp.Regexp, error) {
	out := make([]*regexp.Regexp, 0, len(values))
	for _, v := range values {
		if len(v) > maxForm {
			return nil, fmt.Errorf("operator %s: a value has at most %d characters", op, maxForm)
		}
		if op == journey.MatchesWildcard {
			v = wildcardRegex(v)
		}
		form, err := regexp.Compile(v)
		if err != nil {
			return nil, fmt.Errorf("operator %s: %w", op, err)
		}
		out = append(out, form)
	}
	return out, nil
}

// wildcardRegex returns a wildcard as a regular expression for the whole value: ** is any text, * any text without a slash.
func wildcardRegex(wildcard string) string {
	parts := strings.Split(wildcard, "**")
	for i, part := range parts {
		parts[i] = strings.ReplaceAll(regexp.QuoteMeta(part), `\*`, `[^/]*`)
	}
	return `(?s)\A` + strings.Join(parts, `.*`) + `\z`
}
