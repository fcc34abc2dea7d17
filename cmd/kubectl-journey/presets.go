// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/preset"
)

const presetsLong = `List the systems that spec.preset of a TouchpointSource knows, or show one of them: how it authenticates its requests, how you set it up,
and the rules by which its requests, and the records of its exported files, become events. The list is that of this program; the operator on your
cluster has its own.`

const presetsExample = `  # which systems are known?
  kubectl journey presets

  # the recipe and the rules of one, as YAML for a source of your own
  kubectl journey presets shopify -o yaml`

func presetsCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use: "presets [NAME]", Short: "List the systems that a source can receive from, or import files of, without rules of your own", Long: presetsLong,
		Example: presetsExample,
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listPresets(cmd.OutOrStdout(), format)
			}
			return showPreset(cmd.OutOrStdout(), args[0], format)
		},
	}
	c.Flags().StringVarP(&format, "output", "o", "", "yaml or json; default: a table, or a text for one preset")
	return c
}

// encode writes a value as YAML or JSON.
func encode(w io.Writer, format string, v any) error {
	write := yaml.Marshal
	switch format {
	case "yaml":
	case "json":
		write = func(v any) ([]byte, error) {
			raw, err := json.MarshalIndent(v, "", "  ")
			return append(raw, '\n'), err
		}
	default:
		return fmt.Errorf("--output %s: use yaml or json", format)
	}
	raw, err := write(v)
	if err == nil {
		_, err = w.Write(raw)
	}
	return err
}

func listPresets(w io.Writer, format string) error {
	if format != "" {
		return encode(w, format, preset.All())
	}
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	if _, err := fmt.Fprintln(t, "NAME\tSYSTEM\tCHANNEL\tTRANSPORTS\tAUTHENTICATED BY\tCONFIDENCE"); err != nil {
		return err
	}
	for _, p := range preset.All() {
		if _, err := fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", p.Name, p.Title, p.Channel, strings.Join(p.Transports(), ", "),
			cmp.Or(p.Authentication(), "-"), p.Confidence); err != nil {
			return err
		}
	}
	return t.Flush()
}

func showPreset(w io.Writer, name, format string) error {
	p := preset.Find(v1alpha1.Preset(name))
	if p == nil {
		return fmt.Errorf("there is no preset %q; there are %s", name, strings.Join(preset.Names(), ", "))
	}
	if format != "" {
		return encode(w, format, p)
	}
	if _, err := fmt.Fprintf(w, "%s\n\n%s\n\nChannel: %s.\n", p.Title, p.Setup, p.Channel); err != nil {
		return err
	}
	if p.Webhook != nil {
		if err := section(w, "Requests (transport webhook): authenticated by "+p.Authentication()+".", p.Unsure, p.Table()); err != nil {
			return err
		}
	}
	if f := p.Files; f != nil {
		return section(w, "Exported files (transport files): "+f.Setup, f.Unsure, f.Table())
	}
	return nil
}

// section shows what a preset knows of one transport.
func section(w io.Writer, text, unsure string, rows []preset.Row) error {
	if unsure != "" {
		text += "\n\nExperimental. " + unsure
	}
	if _, err := fmt.Fprintf(w, "\n%s\n", text); err != nil || len(rows) == 0 {
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	if _, err := fmt.Fprintln(t, "\nRECEIVED\tEVENT\tIDENTITIES"); err != nil {
		return err
	}
	for _, row := range rows {
		if _, err := fmt.Fprintf(t, "%s\t%s\t%s\n", row.Received, row.Event, strings.Join(row.Identities, ", ")); err != nil {
			return err
		}
	}
	return t.Flush()
}
