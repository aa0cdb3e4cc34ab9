#include "tests/daemon/sc/export_fixture.h"

#include <signal.h>

#include "common/process/helper.h"

namespace angophora::testing {
namespace {

using namespace std::chrono_literals;

constexpr char kInstance[] = "i-00000001";

template <class Reply>
Result<> done(const Result<Reply>& reply) {
  if (!reply) return common::Error(reply.assume_error());
  return common::ok();
}

}  // namespace

std::string Access::tls_object() const {
  return "tls-creds-psk,id=tls,endpoint=client,dir=" + credentials + ",username=" + username;
}

std::string Access::image(bool with_tls) const {
  return "driver=nbd,server.type=inet,server.host=" + host +
         ",server.port=" + std::to_string(port) + ",export=" + name +
         (with_tls ? ",tls-creds=tls" : "");
}

ExportFixture::ExportFixture() : DaemonFixture(DAEMON_PROGRAM, "sc-a", soap::Role::storage) {
  more_arguments_ = {"--export-port-first", "0"};
  cloud_.add("nc-a", soap::Role::node, "zone-a", node_a_);
  cloud_.add("nc-b", soap::Role::node, "zone-a", node_b_);
}

ExportFixture::~ExportFixture() {
  load_.reset();
  client_.reset();
  daemon_.reset();  // before its servers: it would start them again
  for (const auto pid : servers()) ::kill(pid, SIGKILL);
}

std::vector<pid_t> ExportFixture::servers() const {
  const auto file = "file=" + state_dir() + "/";
  std::vector<pid_t> pids;
  for (const auto& found : process::find_helpers([&](const process::Arguments& argv) {
         return argv.front() == "nbdkit" &&
                std::any_of(argv.begin(), argv.end(),
                            [&](const auto& text) { return text.starts_with(file); });
       }))
    pids.push_back(found.pid);
  return pids;
}

Task<> ExportFixture::create(std::string volume, int size_gib) {
  storage__CreateVolumeType request;
  request.volumeId = std::move(volume);
  request.sizeGib = size_gib;
  const auto answer = co_await ask<storage::CreateVolume>(std::move(request));
  co_return done(answer);
}

Task<> ExportFixture::remove(std::string volume) {
  // On a busy disk the end of a file that was just written may take longer than one call; asking
  // again is safe, and what a cloud controller does.
  constexpr int kTries = 4;
  for (int i = 1;; ++i) {
    storage__DeleteVolumeType request;
    request.volumeId = volume;
    const auto answer = co_await ask<storage::DeleteVolume>(std::move(request));
    if (answer || i == kTries || answer.assume_error().code != common::Errc::timed_out)
      co_return done(answer);
  }
}

Task<> ExportFixture::grant(std::string volume, std::int64_t epoch, std::string node) {
  storage__GrantExportType request;
  request.volumeId = std::move(volume);
  request.instanceId = kInstance;
  request.nodeName = std::move(node);
  request.attachmentEpoch = epoch;
  const auto answer = co_await ask<storage::GrantExport>(std::move(request));
  co_return done(answer);
}

Task<> ExportFixture::revoke(std::string volume, std::int64_t epoch) {
  storage__RevokeExportType request;
  request.volumeId = std::move(volume);
  request.attachmentEpoch = epoch;
  const auto answer = co_await ask<storage::RevokeExport>(std::move(request));
  co_return done(answer);
}

Task<Access> ExportFixture::open(InProcess& node, std::string volume, std::int64_t epoch) {
  storage__ExportVolumeType request;
  request.volumeId = volume;
  request.instanceId = kInstance;
  request.attachmentEpoch = epoch;
  const common::ServiceName sc("sc-a");
  CO_TRY(const auto answer,
         co_await soap::call<storage::ExportVolume>(node.channel(), sc, std::move(request)));
  Access access;
  access.host = answer.host;
  access.port = answer.port;
  access.name = answer.exportName;
  access.username = answer.pskUsername;
  access.credentials = folder_.path() + "/" + answer.pskUsername;
  std::filesystem::create_directories(access.credentials);
  std::ofstream(access.credentials + "/keys.psk")
      << answer.pskUsername << ":" << answer.pskKey << "\n";
  co_return access;
}

Task<> ExportFixture::close(InProcess& node, std::string volume, std::int64_t epoch) {
  storage__UnexportVolumeType request;
  request.volumeId = std::move(volume);
  request.instanceId = kInstance;
  request.attachmentEpoch = epoch;
  const common::ServiceName sc("sc-a");
  const auto answer =
      co_await soap::call<storage::UnexportVolume>(node.channel(), sc, std::move(request));
  co_return done(answer);
}

awaitable<std::vector<storage__volume>> ExportFixture::volumes() {
  storage__DescribeVolumesType request;
  auto answer = co_await ask<storage::DescribeVolumes>(std::move(request));
  EXPECT_TRUE(answer) << daemon_->log();
  std::vector<storage__volume> all;
  if (answer) all = std::move(answer).value().volumes;
  co_return all;
}

awaitable<process::Outcome> ExportFixture::command(std::vector<std::string> argv,
                                                   std::chrono::seconds limit) {
  std::function<Result<process::Outcome>()> work = [argv, limit] {
    process::Command order;
    order.argv = argv;
    order.limit = limit;
    return process::run(order);
  };
  auto outcome = co_await runtime_.run_blocking(std::move(work));
  EXPECT_TRUE(outcome) << argv.front();
  process::Outcome none;
  none.exit_code = -1;
  if (outcome) none = std::move(outcome).value();
  co_return none;
}

awaitable<int> ExportFixture::reach(Access access, bool with_tls) {
  std::vector<std::string> argv{"qemu-img", "info"};
  if (with_tls) argv.insert(argv.end(), {"--object", access.tls_object()});
  argv.insert(argv.end(), {"--image-opts", access.image(with_tls)});
  const auto outcome = co_await command(std::move(argv), 30s);
  co_return outcome.exit_code;
}

awaitable<bool> ExportFixture::start_client(Access access, std::string socket) {
  const auto pid_file = socket + ".pid";
  std::vector<std::string> argv{"/usr/bin/qemu-storage-daemon",
                                "--pidfile",
                                pid_file,
                                "--object",
                                access.tls_object(),
                                "--blockdev",
                                access.image() + ",node-name=disk,reconnect-delay=60",
                                "--nbd-server",
                                "addr.type=unix,addr.path=" + socket,
                                "--export",
                                "type=nbd,id=export,node-name=disk,name=disk,writable=on"};
  client_ = std::make_unique<Program>(std::move(argv), folder_.path() + "/client.log");
  const bool listens = co_await until([&] { return std::filesystem::exists(pid_file); }, 30s);
  EXPECT_TRUE(listens) << client_->log();
  co_return listens;
}

void ExportFixture::start_load(std::string socket) {
  // Each pass writes other blocks; one request that fails ends it all.
  const std::string script =
      "n=0; while [ ! -e \"$0.stop\" ]; do n=$(( (n + 1) % 7 )); "
      "qemu-img bench -f raw -w -d 16 -s 4096 -S 28672 -o $(( n * 4096 )) -c 3000 "
      "\"nbd+unix:///disk?socket=$0\" || exit 1; done";
  std::vector<std::string> argv{"/bin/sh", "-c", script, socket};
  load_ = std::make_unique<Program>(std::move(argv), folder_.path() + "/load.log");
}

awaitable<std::optional<int>> ExportFixture::stop_load() {
  std::ofstream(folder_.path() + "/guest.stop").close();
  const auto code = co_await load_->ended(runtime_, 90s);
  co_return code;
}

bool ExportFixture::load_runs() {
  return load_ && load_->log().find("Run completed") != std::string::npos;
}

pid_t ExportFixture::server_of(const std::string& volume, std::int64_t epoch) const {
  std::ifstream file(exports_folder() + "/" + volume + "." + std::to_string(epoch) + ".pid");
  pid_t pid = 0;
  file >> pid;
  return pid;
}

awaitable<bool> ExportFixture::until(std::function<bool()> condition, std::chrono::seconds limit) {
  const auto end = runtime_.steady_now() + limit;
  while (!condition()) {
    if (runtime_.steady_now() > end) co_return false;
    co_await runtime_.sleep_for(20ms);
  }
  co_return true;
}

}  // namespace angophora::testing
