// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package form reads the parameters of query strings and of the bodies of forms, within limits. Some protocols send an event as parameters.
package form

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/reject"
)

// MaxParameters is the number of parameters of one event. A page view of Matomo or Snowplow has about fifty.
const MaxParameters = 500

// Form has the parameters by name.
type Form map[string]string

// Parse decodes the parameters, with or without the question mark before them. The last one with a name counts. A bad escape is text, and bytes that
// are no UTF-8 are replaced, because pages and mail programs break links. It refuses too many parameters before it decodes the first.
func Parse(raw string) (Form, *reject.Rejection) {
	raw = strings.TrimPrefix(raw, "?")
	n := strings.Count(raw, "&") + 1
	if n > MaxParameters {
		return nil, TooMany()
	}
	f := make(Form, n)
	for pair := range strings.SplitSeq(raw, "&") {
		name, v, _ := strings.Cut(pair, "=")
		if name = unescape(name); name != "" {
			f[name] = unescape(v)
		}
	}
	return f, nil
}

// TooMany is the rejection of an event with too many parameters.
func TooMany() *reject.Rejection {
	return reject.New(reject.TooDeep, "", fmt.Sprintf("an event may have at most %d parameters", MaxParameters))
}

func unescape(s string) string {
	if out, err := url.QueryUnescape(s); err == nil {
		s = out
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// First returns the first of the named parameters that is not empty.
func (f Form) First(names ...string) string {
	for _, n := range names {
		if v := f[n]; v != "" {
			return v
		}
	}
	return ""
}

// Document returns the parameters for mapping rules, and for the identification by content.
func (f Form) Document() map[string]any {
	out := make(map[string]any, len(f))
	for k, v := range f {
		out[k] = v
	}
	return out
}
