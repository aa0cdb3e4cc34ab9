// angophora: the operator's command. Reads the command line; the subcommands do the work.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>

#include "clc/cli/commands.h"
#include "common/log/log.h"
#include "common/runtime/real_runtime.h"

namespace {

using namespace angophora;
using clc::cli::Task;

common::awaitable<void> run_to_end(common::RealRuntime& runtime, Task<> work, int& exit_code) {
  const auto done = co_await std::move(work);
  if (!done) {
    std::fprintf(stderr, "angophora: %s\n", done.error().message.c_str());
    exit_code = 1;
  }
  runtime.stop();
}

// What the command line asks for.
using Command = std::function<Task<>(common::Runtime&)>;

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
  auto* modify = service->add_subcommand("modify", "Change a component's state");
  modify->add_option("NAME", o->name, "Its name")->required();
  modify
      ->add_option("--state", o->state, "enabled or stopped (a stopped node gets no new instances)")
      ->required();
  modify->callback([o, &command] {
    command = [o](common::Runtime& r) { return clc::cli::modify_service(r, *o); };
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
  add_credentials(app, command);
  add_account(app, command);
  add_service(app, command);
  add_property(app, command);
  add_image(app, command);
  CLI11_PARSE(app, argc, argv);

  common::RealRuntime runtime;
  int exit_code = 0;
  runtime.spawn("command", run_to_end(runtime, command(runtime), exit_code));
  runtime.run();
  return exit_code;
}
