// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Command release packs what hack/release built into the files of a release. The same input gives the same bytes, on any day and in any folder,
// because all times are that of the commit.
//
//	release licences -out FILE BINARY...   the licences of all modules that are linked into the binaries
//	release pack     -work W -dist D ...   image index, chart, manifests, plugin, SBOMs, provenance, checksums
//	release push     FILE.oci.tar NAME     pushes a packed index or chart to a registry, with its digest in the file
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("one of licences, pack, push is needed")
	}
	switch flags := flag.NewFlagSet(args[0], flag.ContinueOnError); args[0] {
	case "licences":
		out := flags.String("out", "", "file to write")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return writeLicences(ctx, *out, flags.Args())
	case "pack":
		r, err := parse(flags, args[1:])
		if err != nil {
			return err
		}
		return r.pack(ctx)
	case "push":
		plain := flags.Bool("plain-http", false, "the registry speaks no TLS")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		if flags.NArg() != 2 {
			return errors.New("push takes FILE.oci.tar and NAME:TAG")
		}
		return push(ctx, flags.Arg(0), flags.Arg(1), *plain)
	}
	return fmt.Errorf("%q is none of licences, pack, push", args[0])
}

// release is the input of all files.
type release struct {
	version    string // such as 1.2.3, without a v
	commit     string
	date       time.Time // of the commit
	repository string    // URL of the source
	registry   string    // registry of image and chart, as host/owner
	builder    string    // URI of the builder, for the provenance
	helm       string    // path of the program
	work, dist string
	root       string // the checkout
}

func parse(flags *flag.FlagSet, args []string) (*release, error) {
	r := &release{}
	flags.StringVar(&r.version, "version", "", "version, as 1.2.3")
	flags.StringVar(&r.commit, "commit", "", "commit that is built")
	epoch := flags.Int64("epoch", 0, "time of the commit in Unix seconds")
	flags.StringVar(&r.repository, "repository", "", "URL of the source")
	flags.StringVar(&r.registry, "registry", "", "registry and folder of image and chart")
	flags.StringVar(&r.builder, "builder", "", "URI of whoever builds")
	flags.StringVar(&r.helm, "helm", "helm", "the program helm")
	flags.StringVar(&r.work, "work", "", "folder with what was built")
	flags.StringVar(&r.dist, "dist", "", "folder to write to")
	flags.StringVar(&r.root, "root", ".", "the checkout")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	r.date = time.Unix(*epoch, 0).UTC()
	for name, value := range map[string]string{"version": r.version, "commit": r.commit, "registry": r.registry, "work": r.work, "dist": r.dist} {
		if value == "" {
			return nil, fmt.Errorf("-%s is missing", name)
		}
	}
	return r, nil
}

// pack writes all files. Files whose digests others contain come first.
func (r *release) pack(ctx context.Context) error {
	image, err := r.packImage()
	if err != nil {
		return fmt.Errorf("image: %w", err)
	}
	if err := r.packManifests(image); err != nil {
		return fmt.Errorf("manifests: %w", err)
	}
	if err := r.packChart(ctx, image); err != nil {
		return fmt.Errorf("chart: %w", err)
	}
	if err := r.packPlugin(); err != nil {
		return fmt.Errorf("plugin: %w", err)
	}
	if err := r.packSBOMs(image); err != nil {
		return fmt.Errorf("SBOM: %w", err)
	}
	if err := r.packProvenance(image); err != nil {
		return fmt.Errorf("provenance: %w", err)
	}
	return r.packSums()
}
