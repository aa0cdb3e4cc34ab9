// What every action is made of. One action is one file, with a namespace of its name, and one line
// in actions.inc; see docs/adding-an-action.md.
//
//   struct Request { ... };
//   constexpr Param<Request> kParams[] = { ... };
//   Task<Reply> handle(Services& s, Caller caller, Request request);
//   extern const Action AttachVolume{.name = "AttachVolume", .permission = "ec2:AttachVolume",
//                                    .run = parse_then<Request, kParams, handle>};
#pragma once

#include "clc/actions/bind.h"
#include "clc/actions/element.h"
#include "clc/actions/filters.h"
#include "clc/actions/paging.h"
#include "clc/domain/caller.h"
#include "clc/domain/errors.h"
#include "clc/domain/ids.h"
#include "clc/services.h"
#include "common/db/database.h"

namespace angophora::clc {

using db::Tx;

// Which API an action belongs to; decides the envelope and the namespace of its answers.
enum class Api { ec2, iam, sts, bootstrap, properties };

// An action's code, and what it takes.
struct Runner {
  Task<Reply> (*run)(Services& s, Caller caller, Parameters parameters) = nullptr;
  std::vector<ParamShape> (*parameters)() = nullptr;

  Task<Reply> operator()(Services& s, Caller caller, Parameters given) const {
    return run(s, std::move(caller), std::move(given));
  }
};

struct Action {
  const char* name;        // on the wire
  const char* permission;  // as policies name it
  Api api = Api::ec2;
  bool administrators_only = false;  // the root of the account that runs the cloud
  bool for_everybody = false;        // whoever has a key may, whatever his permissions are
  Runner run;
};

inline Error would_have_succeeded() {
  return {RequestErrc::dry_run_succeeded, "Request would have succeeded, but DryRun flag is set."};
}

// Writes what an action changes: `f` as of Database::write(). In a dry run `f` finds all that would
// refuse the request; then its changes are taken back, and the action ends here with that error.
template <class R>
boost::asio::awaitable<R> commit_or_try(Services& s, bool dry_run, std::function<R(Tx&)> f) {
  if (!dry_run) return s.db.write(std::move(f));
  return s.db.write([f = std::move(f)](Tx& tx) -> R {
    auto written = f(tx);
    if (written) return would_have_succeeded();
    return written;
  });
}
template <class F>
auto commit(Services& s, const Caller& caller, F f) {
  return commit_or_try<std::invoke_result_t<F&, Tx&>>(s, caller.dry_run, std::move(f));
}

// The end of every action, whatever its request is.
Task<Reply> refuse(Error error);
Task<Reply> finish(Task<Reply> reply, bool dry_run);

// Binds the parameters and calls `handle`. An action that has effects beside commit() asks
// `caller.dry_run` before them. No coroutine: there is one of these for each action.
template <class Request, const auto& kParams, auto handle>
Task<Reply> bind_and_run(Services& s, Caller caller, Parameters parameters) {
  Request request{};
  if (auto bound = bind(parameters, std::span<const Param<Request>>(kParams), request); !bound)
    return refuse(std::move(bound).assume_error());
  caller.dry_run = parameters.dry_run();
  const bool dry_run = caller.dry_run;
  return finish(handle(s, std::move(caller), std::move(request)), dry_run);
}
template <class Request, const auto& kParams>
std::vector<ParamShape> parameters_of() {
  return shapes_of(std::span<const Param<Request>>(kParams));
}

template <class Request, const auto& kParams, auto handle>
inline constexpr Runner parse_then{&bind_and_run<Request, kParams, handle>,
                                   &parameters_of<Request, kParams>};

}  // namespace angophora::clc
