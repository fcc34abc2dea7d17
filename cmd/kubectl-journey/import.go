// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/ingest/importer"
	"github.com/journeyman-dev/journeyman/internal/ingest/importer/client"
	"github.com/journeyman-dev/journeyman/internal/remote"
	"github.com/journeyman-dev/journeyman/internal/store"
)

const importLong = `Import exported files into a TouchpointSource whose transport is files. The command reads the files on this machine: CSV, TSV,
NDJSON, JSON and Parquet, also in ZIP archives and compressed. It sends their records to a pod of the source, which maps them by the rules of the
source or of its preset, hashes identities, and stores the events.

A line that cannot be read, or that the rules refuse, costs that line and nothing else. Importing a file again adds nothing, also if it has another
name or is compressed in another way: its events are known by their ids. So you can run the command again after it was interrupted. If the connection
breaks, it resumes by itself after the last record that is stored.

Each import has an id, by default the name of the file and a digest of its contents. To undo an import, use "kubectl journey remove" with that id.

You need permission to list pods and to create pods/exec in the namespace.`

const importExample = `  # what would come of it?
  kubectl journey import orders_export.csv --source shopify-history --dry-run

  # import it
  kubectl journey import orders_export.csv --source shopify-history

  # several files, with one id
  kubectl journey import 2026-*.csv --source tills --import tills-2026

  # undo it
  kubectl journey remove default --source tills --import tills-2026`

type importOptions struct {
	cluster            clusterOptions
	source, id, output string
	dryRun             bool
	connect            func() (podRunner, error)
}

// podRunner runs commands in the pods of a source.
type podRunner interface {
	Run(ctx context.Context, in io.Reader, out io.Writer, args ...string) error
}

func importCommand() *cobra.Command { return importVia(nil) }

// importVia returns the command. connect is for tests; nil connects to the cluster.
func importVia(connect func() (podRunner, error)) *cobra.Command {
	o := importOptions{connect: connect}
	c := &cobra.Command{
		Use: "import FILE... --source SOURCE", Short: "Import exported files", Long: importLong, Example: importExample, Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.connect == nil {
				o.connect = o.toCluster
			}
			return o.run(cmd, args)
		},
	}
	f := c.Flags()
	o.cluster.addTo(f)
	f.StringVar(&o.source, "source", "", "TouchpointSource that the files belong to; its transport is files")
	f.StringVar(&o.id, "import", "", "id of the import, by which it can be removed; default: the name of the file and a digest of its contents")
	f.BoolVar(&o.dryRun, "dry-run", false, "store nothing: show what would come of the files, and what would be refused")
	f.StringVarP(&o.output, "output", "o", "table", "table or json")
	return c
}

func (o *importOptions) toCluster() (podRunner, error) {
	cfg, namespace, err := o.cluster.config()
	if err != nil {
		return nil, err
	}
	return remote.NewSource(cfg, namespace, o.source)
}

func (o *importOptions) run(cmd *cobra.Command, paths []string) error {
	switch {
	case o.output != "table" && o.output != "json":
		return fmt.Errorf("unknown output %q: use table or json", o.output)
	case o.source == "":
		return errors.New("set --source to the TouchpointSource that the files belong to")
	case len(o.id) > store.MaxImportBytes:
		return fmt.Errorf("--import has %d bytes: use at most %d", len(o.id), store.MaxImportBytes)
	}
	pods, err := o.connect()
	if err != nil {
		return err
	}
	for i, path := range paths {
		if i > 0 && o.output == "table" {
			cmd.Println()
		}
		if err := o.file(cmd, pods, path); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

// imported is an import of a file, as JSON shows it.
type imported struct {
	File   string `json:"file"`
	Source string `json:"source"`
	Store  string `json:"store"`
	Import string `json:"import"`
	DryRun bool   `json:"dryRun,omitempty"`
	*importer.Result
}

// file imports one file.
func (o *importOptions) file(cmd *cobra.Command, pods podRunner, path string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return errors.Unwrap(err) // The path is said already.
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("it is no file: name the files")
	}
	name := filepath.Base(path)
	done := imported{File: name, Source: o.source, Import: o.id, DryRun: o.dryRun}
	if done.Import == "" {
		if done.Import, err = importID(name, f); err != nil {
			return err
		}
	}
	show := newProgress(cmd.ErrOrStderr(), name, info.Size())
	done.Result, err = client.Import(cmd.Context(), client.Options{
		Run:  func(ctx context.Context, in io.Reader, out io.Writer) error { return pods.Run(ctx, in, out, "import") },
		File: show.reading(f), Name: name, Import: done.Import, DryRun: o.dryRun,
		Hello: func(h *importer.Hello) { done.Store = h.Store }, Progress: show.progress, Waiting: show.waiting, Again: show.again, Note: show.note,
	})
	show.end()
	if err != nil {
		return o.failed(&done, err)
	}
	return o.show(cmd.OutOrStdout(), &done)
}

// importID is the default id of an import: files that have the same name every day are different imports, and a file that is imported again is the same.
func importID(name string, f io.ReadSeeker) (string, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	h := xxh3.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	name = inShell(name)
	const most = 100
	for len(name) > most {
		r := []rune(name)
		name = string(r[1:])
	}
	return fmt.Sprintf("%s@%08x", name, uint32(h.Sum64())), nil
}

// inShell replaces the characters for which a shell needs quotes.
func inShell(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("._-+@=,", r) || unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return '_'
	}, text)
}

// failed says what is stored although the import failed.
func (o *importOptions) failed(d *imported, err error) error {
	if errors.Is(err, context.Canceled) {
		err = fmt.Errorf("interrupted (%w)", err)
	}
	if d.Records == 0 || o.dryRun {
		return err
	}
	return fmt.Errorf("%w\n%d records are read, and %d new events stored. Run the command again to continue: what is stored is known. To undo it: %s",
		err, d.Records, d.Stored, d.undo())
}

// undo is the command that removes the import.
func (d *imported) undo() string {
	id := " " + d.Import
	if strings.HasPrefix(d.Import, "-") || inShell(d.Import) != d.Import {
		id = "='" + strings.ReplaceAll(d.Import, "'", `'\''`) + "'"
	}
	return fmt.Sprintf("kubectl journey remove %s --source %s --import%s", d.Store, d.Source, id)
}
