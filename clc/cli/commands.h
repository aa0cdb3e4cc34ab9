// The subcommands of `angophora`. Each prints what a person wants to know on standard output,
// progress on standard error, and returns what went wrong.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/runtime/runtime.h"

namespace angophora::clc::cli {

using common::Task;

// Writes eucarc, keys and certificates and a zip of them all to a folder: the administrator's on
// the cloud controller's machine, as a user who may read its state folder; another account's
// through the API, with a new key and certificate, for the cloud that the present eucarc leads to.
struct CredentialsOptions {
  std::string state_dir = "/var/lib/angophora/clc";
  std::string host = "127.0.0.1";  // under which users reach the cloud controller
  std::uint16_t port = 8773;
  std::string s3_host;  // empty: the same host
  std::uint16_t s3_port = 8776;
  bool https = false;   // URLs and AWS_CA_BUNDLE for HTTPS
  std::string out;      // default: angophora-credentials, or angophora-credentials-ACCOUNT
  std::string account;  // empty: the administrator
  std::string user = "admin";
};
Task<> write_credentials(common::Runtime& runtime, CredentialsOptions options);

struct AccountOptions {
  std::string name;
  bool recursive = false;
};
Task<> create_account(common::Runtime& runtime, AccountOptions options);
Task<> list_accounts(common::Runtime& runtime, AccountOptions options);
Task<> delete_account(common::Runtime& runtime, AccountOptions options);

struct ServiceOptions {
  std::string name, type, zone, host, state, token_file;
  std::uint16_t port = 0;
  bool force = false;
};
Task<> list_services(common::Runtime& runtime, ServiceOptions options);
Task<> register_service(common::Runtime& runtime, ServiceOptions options);
Task<> deregister_service(common::Runtime& runtime, ServiceOptions options);
Task<> modify_service(common::Runtime& runtime, ServiceOptions options);

// One look at the cloud. CliErrc::not_well when something should be looked at; what, was printed.
struct StatusOptions {
  bool json = false;
};
Task<> show_status(common::Runtime& runtime, StatusOptions options);

struct NodeOptions {
  std::string name;
  std::chrono::seconds wait{0};  // of drain: until the node has no instances
};
Task<> list_nodes(common::Runtime& runtime, NodeOptions options);
// No new instances for that node; those that it has go on.
Task<> drain_node(common::Runtime& runtime, NodeOptions options);
Task<> resume_node(common::Runtime& runtime, NodeOptions options);

struct EventOptions {
  std::string service;  // empty: all
  unsigned count = 0;   // the last so many; 0: as many as the cloud gives by itself
};
Task<> list_events(common::Runtime& runtime, EventOptions options);

// The cloud's keys and database, as they are at one moment, in one file; the cloud controller may
// run meanwhile. On its machine, as a user who may read its folder.
inline constexpr char kWalrusKey[] = "/var/lib/angophora/walrus/master-key";
struct BackupOptions {
  std::string file;
  std::string state_dir = "/var/lib/angophora/clc";
  std::string settings_file = "/etc/angophora/angophora-clc.toml";  // taken along if it is there
  std::string passphrase_file;  // its first line; "-" is standard input, empty: not encrypted
  std::string version;          // of this program
  // What opens objects that the store has encrypted; taken along when Walrus runs here.
  std::string walrus_key = kWalrusKey;
};
Task<> backup_cloud(common::Runtime& runtime, BackupOptions options);

// Brings it back where there is none; the daemon's next start does the rest.
struct RestoreOptions {
  std::string file;
  std::string state_dir = "/var/lib/angophora/clc";
  std::string passphrase_file;
  bool replace = false;     // put what is there aside
  bool check_only = false;  // says whether the backup is whole, and writes nothing
  // Where Walrus' key goes: when its folder is here and has none. Else it stays in the state's.
  std::string walrus_key = kWalrusKey;
};
Task<> restore_cloud(common::Runtime& runtime, RestoreOptions options);

// The first line of a file, "-" for standard input; "" for an empty name.
common::Result<std::string> read_passphrase(const std::string& file);

// Values that hold for the whole cloud.
struct PropertyOptions {
  std::string name;  // of list: what names begin with
  std::string value;
};
Task<> list_properties(common::Runtime& runtime, PropertyOptions options);
Task<> set_property(common::Runtime& runtime, PropertyOptions options);
Task<> reset_property(common::Runtime& runtime, PropertyOptions options);

// What an account or user has of what is limited, and its limits. Without an account: the caller's.
struct QuotaOptions {
  std::string account;              // number, name or alias
  std::string user;                 // of that account
  std::vector<std::string> wishes;  // NAME=N, NAME=none
};
Task<> show_quotas(common::Runtime& runtime, QuotaOptions options);
Task<> set_quotas(common::Runtime& runtime, QuotaOptions options);

// Which statement lets somebody do something, or forbids it, and why every other one does not
// apply. CliErrc::not_well when it is refused; why, was printed.
struct ExplainOptions {
  std::string account;             // number, name or alias; "" is the caller's
  std::string user, group, role;   // none: the caller
  std::string action;              // ec2:RunInstances
  std::string resource = "*";      // its ARN
  std::vector<std::string> facts;  // KEY=VALUE of conditions
};
Task<> explain_policy(common::Runtime& runtime, ExplainOptions options);

// The secrets in the cloud controller's database get a new master key, without a stop.
Task<> rotate_master_key(common::Runtime& runtime);

// Whether audit logs are what the daemons wrote, as a user who may read their folders.
// CliErrc::not_well for a finding; what, was printed.
struct AuditOptions {
  std::vector<std::string> folders;  // none: those of this machine's daemons
};
Task<> verify_audit(common::Runtime& runtime, AuditOptions options);

// Bundles, uploads and registers an image; the last line of the output is the image's id.
struct ImportOptions {
  std::string file;
  std::string name;  // of the image; default: the file's
  std::string kind = "machine";
  std::string bucket;  // default: images-ACCOUNT
  std::string kernel_id, ramdisk_id;
  std::string architecture = "x86_64";
  std::string description;
  bool is_public = false;
  std::uint64_t size_max_gib = 1024;
  std::string work_dir;  // for the bundle's bytes; default: $TMPDIR or /var/tmp
};
Task<> import_image(common::Runtime& runtime, ImportOptions options);

}  // namespace angophora::clc::cli
