// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package followup reads the records of notifications that have only ids, through the API of the sender, before the rules see them. A request whose
// records cannot be read is not stored, and its sender is asked to send it again. A document whose own record cannot be used is rejected alone.
package followup

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/httpapi"
	"github.com/journeyman-dev/journeyman/internal/mapping"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// field is the path of the recipe in errors.
const field = "transport.webhook.followUp"

// recipe is a compiled v1alpha1.FollowUp.
type recipe struct {
	base  *url.URL
	reads []read
}

type read struct {
	when, path *mapping.Value
	query      map[string]*mapping.Value
	at         string
}

// Check returns what is wrong with the follow-up reads of a completed spec; nil if nothing is, or if there are none. It is an Errors of package mapping.
func Check(spec *v1alpha1.TouchpointSourceSpec) error {
	if spec.Transport.Webhook == nil || spec.Transport.Webhook.FollowUp == nil {
		return nil
	}
	_, err := compile(spec.Transport.Webhook)
	return err
}

func fault(path, message, fix string) mapping.Errors {
	return mapping.Errors{{Path: path, Message: message, Fix: fix}}
}

func compile(w *v1alpha1.WebhookTransport) (*recipe, error) {
	f := w.FollowUp
	switch {
	case w.SecretRef == nil:
		return nil, fault("transport.webhook.secretRef", "follow-up reads need the secret of the API",
			"set secretRef, and put the secret into its key "+v1alpha1.DefaultAPIKey)
	case f.BaseURL == "":
		return nil, fault(field+".baseURL", "the host of the API is unknown", "set baseURL, for example https://api.example.com")
	case len(f.Reads) == 0:
		return nil, fault(field+".reads", "it is unknown what to read", "set at least one read, or a preset that knows the API")
	}
	base, err := url.Parse(f.BaseURL)
	if err != nil || base.Host == "" || base.RawQuery != "" || base.User != nil {
		return nil, fault(field+".baseURL", "it is not a URL without query and credentials", "write it like https://api.example.com/v3")
	}
	out := &recipe{base: base, reads: make([]read, len(f.Reads))}
	var all mapping.Errors
	one := func(at string, source v1alpha1.CELExpression, kind mapping.Kind) *mapping.Value {
		v, err := mapping.CompileValue(at, source, kind)
		var wrong mapping.Errors
		if errors.As(err, &wrong) {
			all = append(all, wrong...)
		}
		return v
	}
	for i := range f.Reads {
		r, at := &f.Reads[i], fmt.Sprintf("%s.reads[%d]", field, i)
		c := read{at: at, path: one(at+".path", r.Path, mapping.Texts), query: map[string]*mapping.Value{}}
		if r.Path == "" {
			all = append(all, fault(at+".path", "the path is empty", `set an expression, for example ["orders", string(body.id)]`)...)
		}
		if r.When != "" {
			c.when = one(at+".when", r.When, mapping.Condition)
		}
		for _, name := range slices.Sorted(maps.Keys(r.Query)) {
			c.query[name] = one(at+".query."+name, r.Query[name], mapping.Text)
		}
		out.reads[i] = c
	}
	if len(all) > 0 {
		return nil, all
	}
	return out, nil
}

// request returns what to read for a document; nil if nothing.
func (r *recipe) request(in *mapping.Input) (*httpapi.Request, *reject.Rejection) {
	for i := range r.reads {
		c := &r.reads[i]
		if c.when != nil {
			holds, rejection := c.when.Holds(in)
			if rejection != nil {
				return nil, rejection
			}
			if !holds {
				continue
			}
		}
		return c.request(r.base, in)
	}
	return nil, nil
}

func (c *read) request(base *url.URL, in *mapping.Input) (*httpapi.Request, *reject.Rejection) {
	parts, rejection := c.path.Get(in)
	if rejection != nil {
		return nil, rejection
	}
	list, _ := parts.([]any)
	if len(list) == 0 {
		return nil, reject.New(reject.MappingError, c.at+".path", "the document does not have the id of its record")
	}
	segments := make([]string, len(list))
	for i, part := range list {
		s, ok := value.Text(part)
		if !ok || s == "" || s == "." || s == ".." {
			return nil, reject.New(reject.MappingError, c.at+".path", fmt.Sprintf("part %d of the path is missing, or is no name", i+1))
		}
		segments[i] = url.PathEscape(s)
	}
	u := base.JoinPath(segments...)
	query := url.Values{}
	for name, v := range c.query {
		got, rejection := v.Get(in)
		if rejection != nil {
			return nil, rejection
		}
		if s, ok := value.Text(got); ok {
			query.Set(name, s)
		}
	}
	u.RawQuery = query.Encode()
	return &httpapi.Request{URL: u, Name: c.at}, nil
}
