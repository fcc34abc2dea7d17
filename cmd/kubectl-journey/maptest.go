// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/manifest"
	"github.com/journeyman-dev/journeyman/internal/maptest"
	"github.com/journeyman-dev/journeyman/internal/preview/review"
	"github.com/journeyman-dev/journeyman/internal/recording"
)

const mapTestLong = `Show what becomes of recorded requests: the answer that the sender gets, and for each document the rule that matches, the events, and
what is dropped or refused, with field and value. The code of the ingestion pods does it, and nothing is stored.

A recording is a file with requests as they were sent (request line, headers, an empty line and the body; several are separated by lines that start
with ###), a HAR of a browser or a proxy, JSON such as {"path": "/", "headers": {"X-Topic": "orders/paid"}, "body": {"id": 7}}, or only the
documents. "-" reads from stdin.

The signature or token of the requests is checked if you give the secret by --secret-file. With the EventStore in the manifests, its privacy policy
applies. Identities that it hashes are shown in their normal form, unless you give its pepper by --pepper-file.

The command exits with 0 if nothing is refused, with 1 if the manifests or a recording are invalid, and with 2 if something is refused.`

const mapTestExample = `  # what would this request become?
  kubectl journey map-test -f source.yaml --request paid.http

  # is it signed correctly? A signature has an age, so say when the request was sent
  kubectl journey map-test -f source.yaml --request paid.http --secret-file secret.txt --received-at 2026-05-01T10:00:00Z

  # all requests of a page to the collector, recorded by the browser
  kubectl journey map-test -f source.yaml --request page.har --url collect.example.com

  # for a machine to compare
  kubectl journey map-test -f source.yaml --request paid.http -o json`

type mapTestOptions struct {
	files, requests    []string
	source, receivedAt string
	secret, pepper     string
	url, output        string
}

func mapTestCommand() *cobra.Command {
	var o mapTestOptions
	c := &cobra.Command{
		Use: "map-test -f SOURCE --request RECORDING", Short: "Show what events a recorded request becomes, and what is refused",
		Long: mapTestLong, Example: mapTestExample, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	f := c.Flags()
	f.StringSliceVarP(&o.files, "filename", "f", nil, "manifests of the source, and optionally of its EventStore: files, folders, or - for stdin")
	f.StringSliceVar(&o.requests, "request", nil, "files with recorded requests, or - for stdin")
	f.StringVar(&o.source, "source", "", "TouchpointSource that receives the requests; required if the manifests have several")
	f.StringVar(&o.url, "url", "", "only requests whose URL contains this text")
	f.StringVar(&o.secret, "secret-file", "", "file with the secret of the source, as in its Secret; default: the sender is not authenticated")
	f.StringVar(&o.pepper, "pepper-file", "", "file with the pepper of the EventStore; default: identities are shown in their normal form")
	f.StringVar(&o.receivedAt, "received-at", "", "time of receipt, RFC 3339; default: that of the recording, its header Date, "+
		"or receivedAt or sentAt of its body, else now")
	f.StringVarP(&o.output, "output", "o", "text", "text, json or yaml")
	for _, name := range []string{"filename", "request"} {
		if err := c.MarkFlagRequired(name); err != nil {
			panic(err) // the flag is defined above
		}
	}
	return c
}

func (o *mapTestOptions) run(cmd *cobra.Command) error {
	if o.output != "text" && o.output != "json" && o.output != "yaml" {
		return fmt.Errorf("--output %s: use text, json or yaml", o.output)
	}
	tester, err := o.tester(cmd)
	if err != nil {
		return err
	}
	results := []maptest.Result{}
	for _, path := range o.requests {
		list, err := recording.ReadFile(path, cmd.InOrStdin(), tester.Form)
		if err != nil {
			return err
		}
		for i := range list {
			if !strings.Contains(list[i].URL.String(), o.url) {
				continue
			}
			result, err := tester.Run(cmd.Context(), &list[i])
			if err != nil {
				return err
			}
			results = append(results, *result)
		}
	}
	if len(results) == 0 {
		return fmt.Errorf("--url %s: no recorded request has a URL that contains it", o.url)
	}
	if o.output == "text" {
		err = maptest.Print(cmd.OutOrStdout(), results)
	} else {
		err = encode(cmd.OutOrStdout(), o.output, map[string]any{"requests": results})
	}
	return errors.Join(err, maptest.Err(results))
}

// tester builds the pod of the source from the manifests and Secrets.
func (o *mapTestOptions) tester(cmd *cobra.Command) (*maptest.Tester, error) {
	set, err := manifest.Load(cmd.Context(), o.files, cmd.InOrStdin())
	if err != nil && set != nil {
		return nil, errors.Join(err, review.Check(set))
	}
	if err != nil {
		return nil, err
	}
	if err := review.Check(set); err != nil {
		return nil, err
	}
	options := maptest.Options{Now: time.Now()}
	if options.Source, err = o.choose(set); err != nil {
		return nil, err
	}
	for _, s := range set.Stores {
		if s.Name == string(options.Source.Spec.StoreRef.Name) && s.Namespace == options.Source.Namespace {
			options.Store = s
		}
	}
	if options.Secret, err = secretFile("--secret-file", o.secret); err != nil {
		return nil, err
	}
	if options.Pepper, err = secretFile("--pepper-file", o.pepper); err != nil {
		return nil, err
	}
	if o.receivedAt != "" {
		if options.ReceivedAt, err = time.Parse(time.RFC3339, o.receivedAt); err != nil {
			return nil, fmt.Errorf("--received-at %s: use a time such as 2026-11-21T10:00:00Z", o.receivedAt)
		}
	}
	return maptest.New(options)
}

func (o *mapTestOptions) choose(set *manifest.Set) (*v1alpha1.TouchpointSource, error) {
	var names []string
	for _, s := range set.Sources {
		if s.Name == o.source || o.source == "" && len(set.Sources) == 1 {
			return s, nil
		}
		names = append(names, s.Name)
	}
	switch {
	case len(names) == 0:
		return nil, errors.New("--filename: the manifests have no TouchpointSource")
	case o.source == "":
		return nil, fmt.Errorf("--source: the manifests have several TouchpointSources: set one of %s", strings.Join(names, ", "))
	}
	return nil, fmt.Errorf("--source %s: the manifests have no such TouchpointSource, but %s", o.source, strings.Join(names, ", "))
}

// secretFile reads a file with a secret, which must not be empty; nil without a path.
func secretFile(flag, path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	if strings.TrimSpace(string(raw)) == "" {
		return nil, fmt.Errorf("%s %s: the file is empty", flag, path)
	}
	return raw, nil
}
