// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package clickhouse runs the queries of bench-funnel on ClickHouse: on a local server that it starts, or on a given one. It uses the HTTP interface,
// and SQL that Debian's version 18.16 and later ones support.
package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/hack/bench/funnel/measure"
	"github.com/journeyman-dev/journeyman/hack/bench/funnel/world"
	"github.com/journeyman-dev/journeyman/test/rig"
)

// Engine measures one row of the benchmark on ClickHouse.
type Engine struct {
	Bench *measure.Bench
	World world.World
	// Packed stores the names of events as LowCardinality(String).
	Packed bool
	// Fresh is the newest share of the time, in percent, whose events are in parts that are not merged.
	Fresh int
	// More also runs the queries for retention and paths.
	More bool

	address string
	dir     string
	server  *rig.Process
	memory  int64 // limit of a query
}

const queryMemory = 12 << 30

var _ measure.Engine = (*Engine)(nil)

// Name of the engine in the table.
func (e *Engine) Name() string {
	if e.Packed {
		return measure.ClickHouseLC
	}
	return measure.ClickHouse
}

// Missing says why ClickHouse cannot be measured, or returns an empty string.
func Missing(b *measure.Bench) string {
	if b.ClickHouse != "" {
		return ""
	}
	if _, err := exec.LookPath("clickhouse-server"); err != nil {
		return "clickhouse-server is not installed, and CLICKHOUSE=host:port (of its HTTP interface) is not set"
	}
	return ""
}

const serverConfig = `<yandex>
<logger><level>warning</level><console>1</console></logger>
<listen_host>127.0.0.1</listen_host><http_port>%s</http_port>
<path>%s/data/</path><tmp_path>%[2]s/tmp/</tmp_path>
<mark_cache_size>536870912</mark_cache_size>
<users_config>%[2]s/users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database>
</yandex>`

const usersConfig = `<yandex><profiles><default/></profiles>
<users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default></users>
<quotas><default><interval><duration>3600</duration><queries>0</queries><errors>0</errors><result_rows>0</result_rows>
<read_rows>0</read_rows><execution_time>0</execution_time></interval></default></quotas></yandex>`

// Dir returns the data folder of the local server.
func Dir(b *measure.Bench) string { return filepath.Join(b.Dir, "clickhouse") }

// Start starts the local server, or connects to the given one.
func (e *Engine) Start(ctx context.Context) error {
	if e.Bench.ClickHouse != "" {
		e.address, e.memory = e.Bench.ClickHouse, queryMemory
		return nil
	}
	e.memory = measure.Most(queryMemory)
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	e.address = l.Addr().String()
	if err := l.Close(); err != nil {
		return err
	}
	e.dir = Dir(e.Bench)
	_, port, err := net.SplitHostPort(e.address)
	if err != nil {
		return err
	}
	config := filepath.Join(e.dir, "config.xml")
	err = errors.Join(os.MkdirAll(filepath.Join(e.dir, "tmp"), 0o700), os.MkdirAll(filepath.Join(e.dir, "data"), 0o700),
		os.WriteFile(config, fmt.Appendf(nil, serverConfig, port, e.dir), 0o600),
		os.WriteFile(filepath.Join(e.dir, "users.xml"), []byte(usersConfig), 0o600))
	if err != nil {
		return err
	}
	if e.server, err = rig.Start("clickhouse-server", "--config-file="+config); err != nil {
		return err
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		_, err := e.query(ctx, "SELECT 1", nil)
		if err == nil || time.Now().After(deadline) || ctx.Err() != nil {
			return err
		}
	}
}

// Stop stops the local server.
func (e *Engine) Stop() error {
	if e.server == nil {
		return nil
	}
	return e.server.Kill() // a clean shutdown is slow, and no data needs to be kept
}

// Files returns the folder with the data of the local server.
func (e *Engine) Files() string {
	if e.Bench.ClickHouse != "" {
		return ""
	}
	return Dir(e.Bench)
}

// query runs a statement. The body is the data of an INSERT.
func (e *Engine) query(ctx context.Context, sql string, body io.Reader) (string, error) {
	values := url.Values{
		"query": {sql}, "max_threads": {strconv.Itoa(e.Bench.Threads)}, "max_memory_usage": {strconv.FormatInt(e.memory, 10)},
		// Above this limit, groups spill to disk instead of failing. ClickHouse recommends half of the memory limit.
		"max_bytes_before_external_group_by": {strconv.FormatInt(e.memory/2, 10)},
	}
	if strings.Contains(sql, "LowCardinality") {
		values.Set("allow_experimental_low_cardinality_type", "1")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+e.address+"/?"+values.Encode(), body)
	if err != nil {
		return "", err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%.300s", text)
	}
	return string(text), err
}

// Run runs the queries of the row one after the other.
func (e *Engine) Run(ctx context.Context) (out measure.Sample, err error) {
	before, _, err := e.used()
	if err != nil {
		return out, err
	}
	for question := range world.QuestionsOf(e.More) {
		began := time.Now()
		text, err := e.query(ctx, e.sql(question), nil)
		if err != nil {
			return out, err
		}
		took := time.Since(began)
		out.Wall += took
		if e.More {
			out.Note += fmt.Sprintf(", %s %.2f s", []string{"funnel", "retention", "paths"}[question], took.Seconds())
		}
		if err := out.Answer.Read(question, text); err != nil {
			return out, err
		}
	}
	after, memory, err := e.used()
	out.CPU, out.Memory = after-before, memory
	return out, err
}

// used returns the CPU time and the peak memory of the local server.
func (e *Engine) used() (cpu time.Duration, memory int64, err error) {
	if e.server == nil {
		return 0, 0, nil
	}
	cpu, err = e.server.CPU()
	if err != nil {
		return 0, 0, err
	}
	memory, err = e.server.PeakMemory()
	return cpu, memory, err
}
