// angophora: the operator's command. Reads the command line; the subcommands do the work.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>

#include "clc/cli/api_client.h"
#include "clc/cli/commands.h"
#include "common/log/log.h"
#include "common/runtime/real_runtime.h"
#include "doctor/doctor.h"
#include "doctor/real_machine.h"

namespace {

using namespace angophora;
using clc::cli::Task;

// Of those commands that look: 1 tells of a finding, so that 2 is left for not having looked.
constexpr int kFailed = 1, kNotWell = 1, kNotLooked = 2;

common::awaitable<void> run_to_end(common::RealRuntime& runtime, Task<> work, int failure_code,
                                   int& exit_code) {
  const auto done = co_await std::move(work);
  if (!done) {
    const auto& error = done.error();
    std::fprintf(stderr, "angophora: %s\n", error.message.c_str());
    exit_code = error.code == clc::cli::CliErrc::not_well ? kNotWell : failure_code;
  }
  runtime.stop();
}

// What the command line asks for.
using Command = std::function<Task<>(common::Runtime&)>;

void add_status(CLI::App& app, Command& command, int& failure_code) {
  auto* sub = app.add_subcommand(
      "status",
      "One look at the cloud; exits with 0 when all is well, 1 when something is not, 2 "
      "when the cloud could not be asked");
  auto o = std::make_shared<clc::cli::StatusOptions>();
  sub->add_flag("--json", o->json, "For programs");
  sub->callback([o, &command, &failure_code] {
    failure_code = kNotLooked;
    command = [o](common::Runtime& r) { return clc::cli::show_status(r, *o); };
  });
}

common::Task<> examine(common::Runtime& runtime, doctor::Options options, bool json, bool all) {
  const auto machine = doctor::make_real_machine(runtime);
  CO_TRY(const auto findings, co_await doctor::examine(*machine, std::move(options)));
  const auto text = json ? doctor::json_of(findings) : doctor::text_of(findings, all);
  std::fputs(text.c_str(), stdout);
  const auto failures = doctor::count(findings, doctor::Level::failure);
  if (failures == 0) co_return common::ok();
  co_return common::Error(clc::cli::CliErrc::not_well,
                          std::to_string(failures) + " failure(s) on this machine");
}

void add_doctor(CLI::App& app, Command& command, int& failure_code) {
  auto* sub = app.add_subcommand(
      "doctor",
      "Examine this machine, whichever daemons of the cloud it has, and what they should "
      "reach (as root); exits with 0 when nothing fails, 1 when something does, 2 when it "
      "could not look");
  struct Flags {
    doctor::Options options;
    bool json = false, all = false;
  };
  auto o = std::make_shared<Flags>();
  o->options.version = ANGOPHORA_VERSION;
  sub->add_option("--settings-dir", o->options.settings_dir,
                  "Folder of the daemons' settings files")
      ->capture_default_str();
  sub->add_flag("--json", o->json, "For programs");
  sub->add_flag("--all", o->all, "Show also what is as it should be");
  sub->callback([o, &command, &failure_code] {
    failure_code = kNotLooked;
    command = [o](common::Runtime& r) { return examine(r, o->options, o->json, o->all); };
  });
}

void add_node(CLI::App& app, Command& command) {
  auto* node = app.add_subcommand("node", "Nodes of the cloud");
  node->require_subcommand(1);
  auto o = std::make_shared<clc::cli::NodeOptions>();
  auto* list = node->add_subcommand("list", "Show every node and how many instances it has");
  list->callback(
      [o, &command] { command = [o](common::Runtime& r) { return clc::cli::list_nodes(r, *o); }; });
  auto* drain = node->add_subcommand(
      "drain", "Give a node no new instances, and show those that it still has");
  drain->add_option("NAME", o->name, "Its name")->required();
  auto wait = std::make_shared<unsigned>(0);
  drain->add_option("--wait", *wait, "Seconds to wait until it has none");
  drain->callback([o, wait, &command] {
    o->wait = std::chrono::seconds(*wait);
    command = [o](common::Runtime& r) { return clc::cli::drain_node(r, *o); };
  });
  auto* resume = node->add_subcommand("resume", "Let a node take new instances again");
  resume->add_option("NAME", o->name, "Its name")->required();
  resume->callback([o, &command] {
    command = [o](common::Runtime& r) { return clc::cli::resume_node(r, *o); };
  });
}

void add_credentials(CLI::App& app, Command& command) {
  auto* sub = app.add_subcommand(
      "credentials",
      "Write eucarc, keys and certificates: of the administrator (on the cloud controller's "
      "machine), or with --account new ones of another account (source your eucarc first)");
  auto o = std::make_shared<clc::cli::CredentialsOptions>();
  auto* account = sub->add_option("--account", o->account, "Name or number of the account");
  sub->add_option("--user", o->user, "User of that account")->needs(account)->capture_default_str();
  const auto of_administrator = [&](CLI::Option* option) { option->excludes(account); };
  of_administrator(
      sub->add_option("--state-dir", o->state_dir, "Folder of the cloud controller's state")
          ->capture_default_str());
  of_administrator(
      sub->add_option("--host", o->host, "Name or address under which users reach the cloud")
          ->capture_default_str());
  of_administrator(
      sub->add_option("--port", o->port, "Port of the cloud's API")->capture_default_str());
  of_administrator(
      sub->add_option("--s3-host", o->s3_host, "The same of Walrus (default: --host)"));
  of_administrator(
      sub->add_option("--s3-port", o->s3_port, "Port of Walrus")->capture_default_str());
  of_administrator(sub->add_flag("--https", o->https,
                                 "Let the variables point at HTTPS, with ca-bundle.pem to trust"));
  sub->add_option("--out", o->out, "Folder to write to (default: angophora-credentials[-ACCOUNT])");
  sub->callback([o, &command] {
    command = [o](common::Runtime& r) { return clc::cli::write_credentials(r, *o); };
  });
}

void add_account(CLI::App& app, Command& command) {
  auto* account = app.add_subcommand("account", "Accounts of the cloud");
  account->require_subcommand(1);
  auto o = std::make_shared<clc::cli::AccountOptions>();
  auto* list = account->add_subcommand("list", "Show every account");
  list->callback([o, &command] {
    command = [o](common::Runtime& r) { return clc::cli::list_accounts(r, *o); };
  });
  auto* create = account->add_subcommand("create", "Make an account; prints its number");
  create->add_option("NAME", o->name, "3 to 63 small letters, digits and hyphens")->required();
  create->callback([o, &command] {
    command = [o](common::Runtime& r) { return clc::cli::create_account(r, *o); };
  });
  auto* drop = account->add_subcommand("delete", "Delete an account that has nothing any more");
  drop->add_option("NAME", o->name, "Its name, number or alias")->required();
  drop->add_flag(
      "--recursive", o->recursive,
      "With its users, key pairs, groups and images (never instances, volumes and snapshots)");
  drop->callback([o, &command] {
    command = [o](common::Runtime& r) { return clc::cli::delete_account(r, *o); };
  });
}

void add_service(CLI::App& app, Command& command) {
  auto* service = app.add_subcommand("service", "Components of the cloud");
  service->require_subcommand(1);
  auto o = std::make_shared<clc::cli::ServiceOptions>();
  auto* list = service->add_subcommand("list", "Show every component, its state and why");
  list->callback([o, &command] {
    command = [o](common::Runtime& r) { return clc::cli::list_services(r, *o); };
  });
  auto* add =
      service->add_subcommand("register", "Announce a component; prints its enrolment token");
  add->add_option("NAME", o->name, "Its name")->required();
  add->add_option("--type", o->type, "cluster, node, walrus or storage")->required();
  add->add_option("--zone", o->zone, "Availability zone (cluster, node, storage)");
  add->add_option("--host", o->host, "Name or address of its machine")->required();
  add->add_option("--port", o->port, "Port of its SOAP service (default: the type's)");
  add->add_option("--token-file", o->token_file,
                  "Write the token there instead (the component reads STATE_DIR/enrolment-token)");
  add->callback([o, &command] {
    command = [o](common::Runtime& r) { return clc::cli::register_service(r, *o); };
  });
  auto* drop = service->add_subcommand("deregister", "Forget a component; its key is void at once");
  drop->add_option("NAME", o->name, "Its name")->required();
  drop->add_flag(
      "--force", o->force,
      "A node whose machine is gone for good: its instances end, their volumes are free");
  drop->callback([o, &command] {
    command = [o](common::Runtime& r) { return clc::cli::deregister_service(r, *o); };
  });
  auto e = std::make_shared<clc::cli::EventOptions>();
  auto* events = service->add_subcommand("events", "What happened to components, newest first");
  events->add_option("NAME", e->service, "Of this one alone");
  events->add_option("--count", e->count, "How many (default: 100)");
  events->callback([e, &command] {
    command = [e](common::Runtime& r) { return clc::cli::list_events(r, *e); };
  });
  auto* modify = service->add_subcommand("modify", "Change a component's state");
  modify->add_option("NAME", o->name, "Its name")->required();
  modify
      ->add_option("--state", o->state, "enabled or stopped (a stopped node gets no new instances)")
      ->required();
  modify->callback([o, &command] {
    command = [o](common::Runtime& r) { return clc::cli::modify_service(r, *o); };
  });
}

void add_backup(CLI::App& app, Command& command) {
  auto* backup = app.add_subcommand(
      "backup",
      "Write the cloud's keys and database to one file, while the cloud controller runs "
      "(on its machine)");
  auto o = std::make_shared<clc::cli::BackupOptions>();
  o->version = ANGOPHORA_VERSION;
  backup->add_option("FILE", o->file, "Where to; must not be there yet")->required();
  backup->add_option("--state-dir", o->state_dir, "Folder of the cloud controller's state")
      ->capture_default_str();
  backup->add_option("--settings", o->settings_file, "Its settings, taken along")
      ->capture_default_str();
  backup
      ->add_option("--walrus-key", o->walrus_key,
                   "Walrus' master key, taken along when it is there")
      ->capture_default_str();
  backup->add_option("--passphrase-file", o->passphrase_file,
                     "Encrypt with the first line of that file (- reads standard input)");
  backup->callback([o, &command] {
    command = [o](common::Runtime& r) { return clc::cli::backup_cloud(r, *o); };
  });
  auto* restore = app.add_subcommand(
      "restore", "Bring a cloud controller back from a backup, on a blank machine");
  auto p = std::make_shared<clc::cli::RestoreOptions>();
  restore->add_option("FILE", p->file, "The backup")->required();
  restore->add_option("--state-dir", p->state_dir, "Folder of the cloud controller's state")
      ->capture_default_str();
  restore
      ->add_option("--walrus-key", p->walrus_key,
                   "Where Walrus' master key goes when its folder is there and has none")
      ->capture_default_str();
  restore->add_option("--passphrase-file", p->passphrase_file,
                      "File whose first line opens it (- reads standard input)");
  restore->add_flag("--replace", p->replace, "Put the state that is there aside");
  restore->add_flag("--check", p->check_only, "Only say whether the backup is whole");
  restore->callback([p, &command] {
    command = [p](common::Runtime& r) { return clc::cli::restore_cloud(r, *p); };
  });
}

void add_property(CLI::App& app, Command& command) {
  auto* property = app.add_subcommand("property", "Values that hold for the whole cloud");
  property->require_subcommand(1);
  auto o = std::make_shared<clc::cli::PropertyOptions>();
  auto* list = property->add_subcommand("list", "Show the properties, what they mean and are");
  list->add_option("PREFIX", o->name, "Only those whose names begin so");
  list->callback([o, &command] {
    command = [o](common::Runtime& r) { return clc::cli::list_properties(r, *o); };
  });
  auto* set = property->add_subcommand("set", "Change a property, at once and for good");
  set->add_option("NAME", o->name, "Its name")->required();
  set->add_option("VALUE", o->value, "Its value")->required();
  set->callback([o, &command] {
    command = [o](common::Runtime& r) { return clc::cli::set_property(r, *o); };
  });
  auto* reset = property->add_subcommand("reset", "Give a property its default value again");
  reset->add_option("NAME", o->name, "Its name")->required();
  reset->callback([o, &command] {
    command = [o](common::Runtime& r) { return clc::cli::reset_property(r, *o); };
  });
}

void add_audit(CLI::App& app, Command& command, int& failure_code) {
  auto* audit = app.add_subcommand("audit", "The log of all API calls");
  audit->require_subcommand(1);
  auto o = std::make_shared<clc::cli::AuditOptions>();
  auto* sub = audit->add_subcommand(
      "verify",
      "Look for any byte of the log that was changed, removed or moved (on the daemon's machine, "
      "as "
      "root); exits with 0 when there is none, 1 when there is, 2 when it could not look");
  sub->add_option("--dir", o->folders,
                  "Folder of a log (default: those of the daemons of this machine)");
  sub->callback([o, &command, &failure_code] {
    failure_code = kNotLooked;
    command = [o](common::Runtime& r) { return clc::cli::verify_audit(r, *o); };
  });
}

void add_quota(CLI::App& app, Command& command) {
  auto* quota = app.add_subcommand("quota", "What accounts and users have and may have");
  quota->require_subcommand(1);
  auto o = std::make_shared<clc::cli::QuotaOptions>();
  auto* show = quota->add_subcommand("show", "Show usage and limits");
  auto* set = quota->add_subcommand("set", "Set limits, or take them away with NAME=none");
  for (auto* sub : {show, set}) {
    sub->add_option("--account", o->account, "Name, number or alias (default: your own)");
    sub->add_option("--user", o->user, "A user of it: what that user has made");
  }
  set->add_option("LIMITS", o->wishes, "NAME=N or NAME=none, such as instances=100")->required();
  show->callback([o, &command] {
    command = [o](common::Runtime& r) { return clc::cli::show_quotas(r, *o); };
  });
  set->callback(
      [o, &command] { command = [o](common::Runtime& r) { return clc::cli::set_quotas(r, *o); }; });
}

void add_policy(CLI::App& app, Command& command, int& failure_code) {
  auto* policy = app.add_subcommand("policy", "What policies say");
  policy->require_subcommand(1);
  auto o = std::make_shared<clc::cli::ExplainOptions>();
  auto* explain = policy->add_subcommand(
      "explain",
      "Say which statement decides, and why the others do not apply; exits with 0 when it "
      "is allowed, 1 when it is refused, 2 when it could not be told");
  explain->add_option("ACTION", o->action, "Such as ec2:RunInstances")->required();
  explain->add_option("RESOURCE", o->resource, "ARN of what it is done to")->capture_default_str();
  explain->add_option("--account", o->account, "Name, number or alias (default: your own)");
  explain->add_option("--user", o->user, "Who does it (default: you)");
  explain->add_option("--group", o->group, "Any member of that group, by the group alone");
  explain->add_option("--role", o->role, "Whoever takes on that role");
  explain->add_option("--with", o->facts,
                      "KEY=VALUE that the request has, such as aws:SourceIp=192.0.2.1");
  explain->callback([o, &command, &failure_code] {
    failure_code = kNotLooked;
    command = [o](common::Runtime& r) { return clc::cli::explain_policy(r, *o); };
  });
}

void add_key(CLI::App& app, Command& command) {
  auto* key = app.add_subcommand("key", "The master key that seals the secrets of the database");
  key->require_subcommand(1);
  key->add_subcommand("rotate", "Seal all secrets with a new one, while everything goes on")
      ->callback([&command] { command = clc::cli::rotate_master_key; });
}

void add_image(CLI::App& app, Command& command) {
  auto* image = app.add_subcommand("image", "Machine images");
  image->require_subcommand(1);
  auto o = std::make_shared<clc::cli::ImportOptions>();
  auto* import = image->add_subcommand(
      "import", "Bundle, upload and register a raw or qcow2 file; prints the image's id");
  import->add_option("FILE", o->file, "The image")->required();
  import->add_option("--name", o->name, "Its name (default: the file's)");
  import->add_option("--description", o->description, "What it is");
  import->add_option("--kind", o->kind, "machine, kernel or ramdisk")
      ->check(CLI::IsMember({"machine", "kernel", "ramdisk"}))
      ->capture_default_str();
  import->add_option("--bucket", o->bucket, "Bucket for the bundle (default: images-ACCOUNT)");
  import->add_option("--kernel", o->kernel_id, "EKI that boots it");
  import->add_option("--ramdisk", o->ramdisk_id, "ERI that boots it");
  import->add_option("--arch", o->architecture, "Architecture")->capture_default_str();
  import->add_flag("--public", o->is_public, "Let every account run it");
  import->add_option("--size-max-gib", o->size_max_gib, "Refuse larger disks")
      ->capture_default_str();
  import->add_option("--work-dir", o->work_dir,
                     "Folder for the bundle meanwhile (default: $TMPDIR)");
  import->callback([o, &command] {
    command = [o](common::Runtime& r) { return clc::cli::import_image(r, *o);
};
}  // namespace
);
}

}  // namespace

int main(int argc, char** argv) {
  log::start("angophora", log::Level::warn);
  CLI::App app{"angophora: administers an Angophora cloud. Source your eucarc first."};
  app.set_version_flag("--version", "angophora " ANGOPHORA_VERSION);
  app.require_subcommand(1);
  Command command;
  int failure_code = kFailed;
  add_status(app, command, failure_code);
  add_doctor(app, command, failure_code);
  add_credentials(app, command);
  add_account(app, command);
  add_service(app, command);
  add_node(app, command);
  add_backup(app, command);
  add_property(app, command);
  add_quota(app, command);
  add_policy(app, command, failure_code);
  add_audit(app, command, failure_code);
  add_key(app, command);
  add_image(app, command);
  CLI11_PARSE(app, argc, argv);

  common::RealRuntime runtime;
  int exit_code = 0;
  runtime.spawn("command", run_to_end(runtime, command(runtime), failure_code, exit_code));
  runtime.run();
  return exit_code;
}
