// A cloud controller for tests of the other daemons: registers, enrols, publishes the registry over
// real signed SOAP, and calls them as the real one does.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "common/http/server.h"
#include "common/registry/membership.h"
#include "common/soap/soap_server.h"

namespace angophora::testing {

using common::Result;
using common::ServiceName;
using common::Task;

// A component that lives inside the test: identity, table of peers, listener, channel.
class InProcess {
 public:
  InProcess(common::Runtime& runtime, const std::string& state_dir, const std::string& name,
            soap::Dispatcher& dispatcher);
  soap::Channel& channel() { return *channel_; }
  registry::RegistryTable& table() { return table_; }
  const registry::Identity& identity() const { return identity_; }
  std::uint16_t port() const { return server_->port(); }
  // Answers no more, as a host that lost its power; then again.
  void set_deaf(bool deaf) { deaf_ = deaf; }

 private:
  common::awaitable<http::Response> handle(http::Request& request);

  common::Runtime& runtime_;
  registry::Identity identity_;
  registry::RegistryTable table_;
  std::unique_ptr<soap::SoapServer> soap_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<soap::SoapChannel> channel_;
  bool deaf_ = false;
};

class FakeCloud {
 public:
  FakeCloud(common::Runtime& runtime, const std::string& state_dir);

  // Makes the row of a component that will enrol; the text of its token.
  std::string register_service(const std::string& name, soap::Role role, const std::string& zone);
  // Adds a component that lives in this test, enrolled already, and tells it the registry.
  void add(const std::string& name, soap::Role role, const std::string& zone, InProcess& component);
  void set_port(const std::string& name, std::uint16_t port);
  void set_enabled(const std::string& name, bool enabled);

  soap::Channel& channel() { return self_->channel(); }
  // For what else a test's cloud controller answers.
  soap::Dispatcher& dispatcher() { return dispatcher_; }
  const t__serviceInfo& row_of(const std::string& name) const { return rows_.at(name); }
  void set_deaf(bool deaf) { self_->set_deaf(deaf); }

 private:
  Task<cloud__EnrolResponseType> enrol(soap::Caller caller, cloud__EnrolType request);
  Task<cloud__GetRegistryResponseType> get_registry(cloud__GetRegistryType request);
  t__serviceInfo& row(const std::string& name);
  void publish();

  common::Runtime& runtime_;
  soap::Dispatcher dispatcher_;
  std::unique_ptr<InProcess> self_;
  std::map<std::string, t__serviceInfo> rows_;
  std::vector<InProcess*> members_;
  t__registry registry_;
  common::Wake changed_;
};

}  // namespace angophora::testing
