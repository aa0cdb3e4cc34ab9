#include "tests/sim/cloud.h"

#include <filesystem>
#include <stdexcept>

#include "clc/actions/action_table.h"
#include "clc/store/images.h"
#include "clc/testing/action_fixture.h"
#include "common/registry/token.h"

namespace angophora::sim {

using common::Errc;
using common::Error;
using common::Result;
using common::Task;

Folder::Folder() {
  const bool has_memory = std::filesystem::is_directory("/dev/shm");
  path_ = has_memory ? "/dev/shm/angophora-sim-XXXXXX" : "/tmp/angophora-sim-XXXXXX";
  if (!mkdtemp(path_.data())) throw std::runtime_error("no folder for the simulation");
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

namespace {

clc::Caller caller_of(const std::string& account) {
  auto caller = clc::testing::caller_of(account, "user");
  return caller;
}

Task<clc::Reply> act(clc::Daemon& daemon, clc::Caller caller, std::string name,
                     Cloud::Pairs pairs) {
  const auto* action = clc::find_action(name);
  if (!action) co_return Error(Errc::internal, "no action " + name);
  CO_TRY(auto parameters, clc::Parameters::parse(std::move(pairs)));
  auto& services = daemon.services();
  co_return co_await action->run(services, std::move(caller), std::move(parameters));
}

// --- the installation ---

std::string certificate_of(const std::string& name) {
  const auto key = crypto::PrivateKey::generate(2048).value();
  crypto::CertificateSubject subject;
  subject.common_name = name;
  subject.not_after = common::SysTime(std::chrono::hours(24 * 365 * 70));
  subject.serial = "7";
  return crypto::Certificate::self_signed(key, subject).value().der();
}

Task<> enrol(clc::Daemon& daemon, std::string name, std::string type, int number) {
  Cloud::Pairs pairs{{"Name", name}, {"Type", type}, {"Host", "10.0.0." + std::to_string(number)}};
  if (type != "walrus") pairs.emplace_back("Partition", "zone-a");
  auto administrator = caller_of("123456789012");
  administrator.cloud_administrator = true;
  std::string action = "RegisterService";
  CO_TRY(const auto made,
         co_await act(daemon, std::move(administrator), std::move(action), std::move(pairs)));
  CO_TRY(const auto token, registry::parse_token(*made.find("enrolmentToken")));
  soap::cloud::Enrol::Request request;
  request.name = token.service_name;
  request.tokenId = token.id;
  request.signingCertificate = request.encryptionCertificate = certificate_of(name);
  request.mac = registry::enrolment_mac(token.secret, request.name, request.tokenId,
                                        request.signingCertificate, request.encryptionCertificate);
  soap::Caller caller{ServiceName(), Role::stranger, "r", request.signingCertificate};
  soap::Message message(std::move(request));
  const auto& operation = soap::cloud::Enrol::kOperation;
  CO_TRY(auto reply,
         co_await daemon.dispatcher().deliver(operation, std::move(caller), std::move(message)));
  co_return common::ok();
}

Result<> add_image(clc::Tx& tx, common::SysTime now) {
  clc::Image image;
  image.id = common::ImageId(Installed::image());
  image.owner = common::AccountId("123456789012");
  image.name = "image";
  image.location = "images/image.manifest.xml";
  image.virtualization = "hvm";
  image.created_at = now;
  image.bytes = 1 << 30;
  image.bundled_bytes = 1 << 20;
  image.is_public = true;
  return clc::Images(tx).insert(image);
}

Task<> install(clc::Daemon& daemon) {
  const std::pair<const char*, const char*> components[] = {{"cc", "cluster"},    {"sc", "storage"},
                                                            {"walrus", "walrus"}, {"nc-1", "node"},
                                                            {"nc-2", "node"},     {"nc-3", "node"}};
  int number = 2;
  for (const auto& [name, type] : components) {
    std::string n = name, t = type;
    CO_TRY_VOID(co_await enrol(daemon, std::move(n), std::move(t), number++));
  }
  const auto add = [](clc::Tx& tx) { return add_image(tx, common::SysTime()); };
  co_return co_await daemon.services().db.write(add);
}

}  // namespace

Installed::Installed() {
  common::SimWorld world(0);
  Trace trace(world, false);
  Network network(world, trace);
  ClcHost clc({world, trace, network, keys()}, folder_.path());
  clc.start();
  world.run_until([&] { return clc.serving() != nullptr; }, std::chrono::seconds(60));
  if (!clc.serving()) throw std::runtime_error("the cloud cannot be installed");
  const auto done = world.run(clc.runtime(), install(*clc.serving()));
  if (!done) throw std::runtime_error(done.error().message);
}

const clc::CloudKeys& Installed::keys() const { return clc::testing::test_keys(); }

void Installed::copy_to(const std::string& folder) const {
  std::filesystem::copy(
      folder_.path(), folder,
      std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
}

// --- the cloud ---

Cloud::Cloud(common::SimWorld& w, Trace& t, const Installed& installed)
    : world(w),
      trace(t),
      network(world, trace),
      clc_(around(installed), folder_.path()),
      cc_(around(installed), "cc", folder_.path(), cc::Config()),
      sc_(around(installed), folder_.path()),
      walrus_(around(installed)) {
  installed.copy_to(folder_.path());
  int number = 1;
  for (auto& node : nodes_) {
    const nc::Resources total{4, 8192, 100};
    node = std::make_unique<NcHost>(around(installed), "nc-" + std::to_string(number++), total);
  }
}

std::vector<Host*> Cloud::hosts() {
  std::vector<Host*> all{&clc_, &cc_, &sc_, &walrus_};
  for (auto& node : nodes_) all.push_back(node.get());
  return all;
}

void Cloud::start_all() {
  for (auto* host : hosts()) host->start();
}

namespace {

common::awaitable<void> act_and_tell(clc::Daemon& daemon, clc::Caller caller, std::string name,
                                     Cloud::Pairs pairs, Cloud::Done done) {
  auto reply = co_await act(daemon, std::move(caller), std::move(name), std::move(pairs));
  done(std::move(reply));
}

}  // namespace

void Cloud::call(const std::string& account, std::string action, Pairs parameters, Done done) {
  auto* daemon = clc_.serving();
  if (!daemon) {
    done(Error(Errc::unavailable, "nobody listens"));
    return;
  }
  clc_.runtime().spawn("call", act_and_tell(*daemon, caller_of(account), std::move(action),
                                            std::move(parameters), std::move(done)));
}

}  // namespace angophora::sim
