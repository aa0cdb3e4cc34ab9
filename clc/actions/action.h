// What every action is made of. One action is one file and one line in actions.inc; see
// docs/adding-an-action.md.
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

struct Action {
  const char* name;        // on the wire
  const char* permission;  // as policies name it
  Api api = Api::ec2;
  bool administrators_only = false;  // users of the account that runs the cloud
  Task<Reply> (*run)(Services& s, Caller caller, Parameters parameters) = nullptr;
};

// Binds the parameters and calls `handle`; answers DryRun in its place.
template <class Request, const auto& kParams, auto handle>
Task<Reply> parse_then(Services& s, Caller caller, Parameters parameters) {
  CO_TRY(auto request, bind<Request>(parameters, std::span<const Param<Request>>(kParams)));
  if (parameters.dry_run())
    co_return Error(RequestErrc::dry_run_succeeded,
                    "Request would have succeeded, but DryRun flag is set.");
  co_return co_await handle(s, std::move(caller), std::move(request));
}

}  // namespace angophora::clc
