// The operations that a daemon serves, each with the roles that may call it. A daemon fills one
// from its operations.inc; SoapServer feeds it from the network, LocalChannel from inside the
// process.
//
//   dispatcher.serve<soap::node::RunInstances>({Role::cluster}, [&](Caller c, auto request) {
//     return run_instances(services, std::move(c), std::move(request));  // a coroutine
//   });
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/id.h"
#include "common/soap/contracts.h"

namespace angophora::soap {

using common::ServiceName;

// Who asks, as the registry knows the certificate that signed the request.
struct Caller {
  ServiceName name;
  Role role = Role::cloud;
  std::string request_id;
  std::string certificate_der = {};  // of its signing key; empty inside the process
};

// How messages spread the word that there is a newer registry.
struct RegistryHooks {
  std::function<std::int64_t()> current;       // ours; 0: none
  std::function<void(std::int64_t)> heard_of;  // the version a caller goes by
};

// I/O thread only. Must outlive all requests under way.
class Dispatcher {
 public:
  Dispatcher() = default;
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  template <class Op>
  using Handler = std::function<Task<typename Op::Reply>(Caller, typename Op::Request)>;

  // Serves `Op` to callers of the given roles. Once per operation; a second time is a bug and
  // throws std::logic_error.
  template <class Op>
  void serve(std::initializer_list<Role> may_call, Handler<Op> handler) {
    add(Op::kOperation, may_call,
        [this, handler = std::move(handler)](Caller caller, Message request) {
          return run<Op>(handler, std::move(caller), std::move(request));
        });
  }

  // The operation of that wsa:Action, when it is served.
  const Operation* find(std::string_view action) const;
  // Whether a caller of `role` may call it. False for an action that is not served. Any thread,
  // as find(), once all is served.
  bool allows(std::string_view action, Role role) const;
  // Runs the operation. SoapErrc::unknown_operation when it is not served, SoapErrc::role_refused
  // when the caller's role may not call it, else what the operation returns.
  Task<Message> deliver(const Operation& operation, Caller caller, Message request);

  void set_registry(RegistryHooks hooks) { registry_ = std::move(hooks); }

  // All that is served, for the test that compares it with the contract.
  std::vector<const Operation*> served() const;

 private:
  using Run = std::function<Task<Message>(Caller, Message)>;
  struct Entry {
    const Operation* operation;
    std::vector<Role> may_call;
    Run run;
  };

  void add(const Operation& operation, std::vector<Role> may_call, Run run);

  template <class Op>
  Task<Message> run(Handler<Op> handler, Caller caller, Message message) {
    auto* request = message.get<typename Op::Request>();
    if (!request)
      co_return Error(Errc::internal, std::string(Op::kName) + ": the request is of another type");
    if (request->context && request->context->requestId)
      caller.request_id = *request->context->requestId;
    if (request->context && request->context->registryVersion && registry_.heard_of)
      registry_.heard_of(*request->context->registryVersion);
    CO_TRY(auto reply, co_await handler(std::move(caller), std::move(*request)));
    if (const auto version = registry_.current ? registry_.current() : 0; version > 0) {
      if (!reply.context) reply.context.emplace();
      reply.context->registryVersion = version;
    }
    co_return Message(std::move(reply));
  }

  std::map<std::string, Entry, std::less<>> entries_;
  RegistryHooks registry_;
};

}  // namespace angophora::soap
