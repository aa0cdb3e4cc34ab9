#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "clc/cli/account_credentials.h"
#include "clc/cli/credential_files.h"
#include "clc/cli/files.h"

namespace angophora::clc::cli {

using common::Errc;
using common::Error;
using common::Result;
using namespace std::chrono_literals;

namespace {

Result<Owner> read_administrator(const std::string& state_dir) {
  const auto path = state_dir + "/administrator.json";
  auto text = read_file(path);
  if (!text)
    return std::move(text).assume_error().while_doing(
        "the cloud controller keeps its administrator there after its first start "
        "(--state-dir names its folder)");
  boost::system::error_code error;
  const auto value = boost::json::parse(text.value(), error);
  if (error || !value.is_object()) return Error(Errc::corrupt, path + " is not JSON");
  const auto get = [&](const char* name) {
    const auto* field = value.as_object().if_contains(name);
    return field && field->is_string() ? std::string(field->as_string()) : std::string();
  };
  Owner a;
  a.access_key = get("access_key_id");
  a.secret_key = get("secret_access_key");
  a.account_id = get("account_id");
  a.user_id = get("user_id");
  a.certificate = get("certificate_pem");
  a.private_key = get("private_key_pem");
  if (a.access_key.empty() || a.secret_key.empty() || a.account_id.empty())
    return Error(Errc::corrupt, path + " lacks a field");
  return a;
}

struct Fetched {
  Owner administrator;
  CloudCertificates certificates;
};

Task<Fetched> fetch(common::Runtime& runtime, const CredentialsOptions& options) {
  Fetched fetched;
  CO_TRY(fetched.administrator, read_administrator(options.state_dir));
  Endpoints endpoints;
  endpoints.bootstrap = fmt::format("{}://{}:{}/services/Empyrean",
                                    options.https ? "https" : "http", options.host, options.port);
  sigv::Credentials credentials{fetched.administrator.access_key, fetched.administrator.secret_key,
                                ""};
  ApiClient api(runtime, std::move(endpoints), std::move(credentials),
                options.https ? options.state_dir + "/keys/signing.crt" : std::string());
  CO_TRY(fetched.certificates, co_await fetch_certificates(api));
  co_return std::move(fetched);
}

// A cloud controller that was just installed or restarted needs a moment; only where it has its
// folder is there anything to wait for.
Task<Fetched> fetch_from_starting(common::Runtime& runtime, const CredentialsOptions& options) {
  const auto give_up = runtime.steady_now() + 30s;
  for (bool told = false;; told = true) {
    auto fetched = co_await fetch(runtime, options);
    if (fetched) co_return std::move(fetched);
    const auto code = fetched.error().code;
    const bool may_come = code == Errc::not_found || code == Errc::unavailable;
    if (!may_come || !std::filesystem::exists(options.state_dir) || runtime.steady_now() >= give_up)
      co_return std::move(fetched);
    if (!told) std::fprintf(stderr, "waiting for the cloud controller to start\n");
    co_await runtime.sleep_for(200ms);
  }
}

CloudUrls urls_of(const CredentialsOptions& o) {
  const std::string scheme = o.https ? "https" : "http";
  const auto& s3_host = o.s3_host.empty() ? o.host : o.s3_host;
  return {fmt::format("{}://{}:{}", scheme, o.host, o.port),
          fmt::format("{}://{}:{}", scheme, s3_host, o.s3_port)};
}

Task<> write_administrator(common::Runtime& runtime, CredentialsOptions options) {
  CO_TRY(const auto fetched, co_await fetch_from_starting(runtime, options));
  co_return write_credential_files(options.out, fetched.administrator, urls_of(options),
                                   fetched.certificates);
}

}  // namespace

Task<> write_credentials(common::Runtime& runtime, CredentialsOptions options) {
  const bool is_administrator = options.account.empty();
  if (options.out.empty())
    options.out = "angophora-credentials" + (is_administrator ? "" : "-" + options.account);
  if (is_administrator) {
    CO_TRY_VOID(co_await write_administrator(runtime, options));
  } else {
    CO_TRY_VOID(co_await write_account_credentials(runtime, options));
  }
  std::printf("%s/eucarc\n%s/credentials.zip\n", options.out.c_str(), options.out.c_str());
  co_return common::ok();
}

}  // namespace angophora::clc::cli
