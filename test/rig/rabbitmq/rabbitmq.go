// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package rabbitmq runs RabbitMQ as a process of its own with a folder of data. It is that of the machine: on Debian, the package rabbitmq-server.
package rabbitmq

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	client "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/test/rig/authority"
)

const (
	// Admin may do everything.
	Admin = "admin"
	// Reader may only read.
	Reader = "reader"
	// Certified may only read, too. Its name is the subject of a certificate.
	Certified = "certified"
	// Password of all users.
	Password = "right"
)

// program starts the server, without the user of the Debian package. The one in the path of commands becomes that user.
const program = "/usr/lib/rabbitmq/bin/rabbitmq-server"

// Server is a running server.
type Server struct {
	// Address and TLSAddress are host:port, always the same.
	Address, TLSAddress string
	// Authority signs the certificate of the server, and those of clients.
	Authority *authority.Authority
	dir       string
	ports     []int
	cmd       *exec.Cmd
	log       *os.File
}

// Start starts a server. The test is skipped if the program is not there.
func Start(t testing.TB) *Server {
	t.Helper()
	if _, err := os.Stat(program); err != nil {
		t.Skip("RabbitMQ is not there: install the package rabbitmq-server")
	}
	s := &Server{dir: t.TempDir(), Authority: authority.New(t)}
	for range 3 {
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		s.ports = append(s.ports, l.Addr().(*net.TCPAddr).Port)
		require.NoError(t, l.Close())
	}
	s.Address, s.TLSAddress = fmt.Sprintf("127.0.0.1:%d", s.ports[0]), fmt.Sprintf("127.0.0.1:%d", s.ports[1])
	cert, key := s.Authority.Issue(t, "localhost")
	for name, content := range map[string]string{
		"ca.crt": string(s.Authority.PEM), "tls.crt": string(cert), "tls.key": string(key),
		"rabbitmq.conf": s.config(), "definitions.json": definitions, "enabled_plugins": "[rabbitmq_auth_mechanism_ssl].",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(s.dir, name), []byte(content), 0o600))
	}
	var err error
	s.log, err = os.Create(filepath.Join(s.dir, "log"))
	require.NoError(t, err)
	t.Cleanup(func() {
		s.Kill()
		if t.Failed() {
			text, _ := os.ReadFile(s.log.Name())
			t.Logf("%s", text)
		}
		_ = s.log.Close()
	})
	s.Restart(t)
	return s
}

func (s *Server) config() string {
	return fmt.Sprintf(`listeners.tcp.1 = %s
listeners.ssl.1 = %s
ssl_options.cacertfile = %[3]s/ca.crt
ssl_options.certfile = %[3]s/tls.crt
ssl_options.keyfile = %[3]s/tls.key
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = false
ssl_cert_login_from = common_name
auth_mechanisms.1 = PLAIN
auth_mechanisms.2 = EXTERNAL
load_definitions = %[3]s/definitions.json
log.console = true
log.console.level = warning
raft.wal_max_size_bytes = 16777216
vm_memory_high_watermark.absolute = 400MB
disk_free_limit.absolute = 10MB
`, s.Address, s.TLSAddress, s.dir)
}

const definitions = `{"vhosts": [{"name": "/"}, {"name": "shop"}],
"users": [
  {"name": "admin", "password": "right", "tags": ""}, {"name": "reader", "password": "right", "tags": ""},
  {"name": "stranger", "password": "right", "tags": ""}, {"name": "certified", "password": "right", "tags": ""}],
"permissions": [
  {"user": "admin", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"},
  {"user": "admin", "vhost": "shop", "configure": ".*", "write": ".*", "read": ".*"},
  {"user": "reader", "vhost": "/", "configure": "^$", "write": "^$", "read": ".*"},
  {"user": "reader", "vhost": "shop", "configure": "^$", "write": "^$", "read": ".*"},
  {"user": "stranger", "vhost": "/", "configure": "^$", "write": "^$", "read": "^$"},
  {"user": "certified", "vhost": "/", "configure": "^$", "write": "^$", "read": ".*"}]}
`

// Restart starts the server with its data, and waits until it answers.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	node := fmt.Sprintf("journeyman%d@localhost", s.ports[0])
	in := func(name string) string { return filepath.Join(s.dir, name) }
	// Without the daemon that maps names of Erlang nodes to ports, nothing is left when the server ends.
	//nolint:gosec // the program is a constant, and the arguments are numbers
	s.cmd = exec.CommandContext(context.Background(), program, "-noinput", "-sname", node, "-start_epmd", "false",
		"-erl_epmd_port", fmt.Sprint(s.ports[2]), "-setcookie", "journeyman")
	s.cmd.Env = append(os.Environ(), "HOME="+s.dir, "RABBITMQ_ALLOW_INPUT=1", "RABBITMQ_NODENAME="+node, "RABBITMQ_DIST_PORT="+fmt.Sprint(s.ports[2]),
		"RABBITMQ_MNESIA_BASE="+in("data"), "RABBITMQ_LOG_BASE="+in("logs"), "RABBITMQ_LOGS=-", "RABBITMQ_CONFIG_FILE="+in("rabbitmq.conf"),
		"RABBITMQ_ADVANCED_CONFIG_FILE="+in("advanced.config"), "RABBITMQ_ENABLED_PLUGINS_FILE="+in("enabled_plugins"), "RABBITMQ_PID_FILE="+in("pid"),
		"RABBITMQ_GENERATED_CONFIG_DIR="+in("generated"), "RABBITMQ_CONF_ENV_FILE="+os.DevNull,
		"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none")
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, s.cmd.Start())
	require.Eventually(t, func() bool {
		conn, err := s.Connect("/")
		if err != nil {
			return false
		}
		return conn.Close() == nil
	}, 3*time.Minute, 50*time.Millisecond)
}

// Connect connects as the administrator.
func (s *Server) Connect(vhost string) (*client.Connection, error) {
	return client.DialConfig("amqp://"+s.Address, client.Config{
		SASL: []client.Authentication{&client.PlainAuth{Username: Admin, Password: Password}}, Vhost: vhost, Locale: "en_US",
	})
}

// AwaitQuorum waits until a new quorum queue survives a kill. The server writes the list of these queues half a second later, and a queue that is not in
// it is never available again.
func (s *Server) AwaitQuorum(t testing.TB, queue string) {
	t.Helper()
	require.Eventually(t, func() bool {
		files, err := filepath.Glob(filepath.Join(s.dir, "data", "*", "quorum", "*", "names.dets"))
		require.NoError(t, err)
		for _, f := range files {
			content, err := os.ReadFile(f)
			require.NoError(t, err)
			if bytes.Contains(content, []byte(queue)) {
				return true
			}
		}
		return false
	}, time.Minute, 20*time.Millisecond)
}

// Kill ends the server by SIGKILL. It can be called again.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}
