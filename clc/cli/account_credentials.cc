#include "clc/cli/account_credentials.h"

#include "clc/cli/credential_files.h"
#include "common/base/text.h"

namespace angophora::clc::cli {

using common::Errc;
using common::Error;

namespace {

// Whose keys are made, as IAM's parameters.
QueryParameters whose(const CredentialsOptions& o) {
  return {{"DelegateAccount", o.account}, {"UserName", o.user}};
}

// "http://192.0.2.1:8773/services/compute" without what is behind the port.
std::string without_path(const std::string& url) {
  const auto host = url.find("://");
  return host == std::string::npos ? url : url.substr(0, url.find('/', host + 3));
}

struct Made {
  Owner owner;
  std::string certificate_id;  // "" while there is none
};

Task<> find_user(ApiClient& api, const CredentialsOptions& options, Owner& owner) {
  std::string action = "GetUser";
  auto parameters = whose(options);
  CO_TRY(const auto answer, co_await api.iam(action, std::move(parameters)));
  const auto* user = answer.child("User");
  // arn:aws:iam::ACCOUNT:user/NAME
  const auto arn = user ? user->text_of("Arn") : "";
  const auto parts = common::split(arn, ':');
  if (parts.size() < 5) co_return Error(Errc::corrupt, "GetUser answered without an Arn");
  owner.account_id = std::string(parts[4]);
  owner.user_id = user->text_of("UserId");
  owner.user_name = user->text_of("UserName");
  co_return common::ok();
}

Task<> make_key(ApiClient& api, const CredentialsOptions& options, Owner& owner) {
  std::string action = "CreateAccessKey";
  auto parameters = whose(options);
  CO_TRY(const auto answer, co_await api.iam(action, std::move(parameters)));
  const auto* key = answer.child("AccessKey");
  if (!key) co_return Error(Errc::corrupt, "CreateAccessKey answered without an AccessKey");
  owner.access_key = key->text_of("AccessKeyId");
  owner.secret_key = key->text_of("SecretAccessKey");
  co_return common::ok();
}

Task<> make_certificate(ApiClient& api, const CredentialsOptions& options, Made& made) {
  std::string action = "CreateSigningCertificate";
  auto parameters = whose(options);
  CO_TRY(const auto answer, co_await api.iam(action, std::move(parameters)));
  const auto* certificate = answer.child("Certificate");
  if (!certificate)
    co_return Error(Errc::corrupt, "CreateSigningCertificate answered without a Certificate");
  made.certificate_id = certificate->text_of("CertificateId");
  made.owner.certificate = certificate->text_of("CertificateBody");
  made.owner.private_key = certificate->text_of("PrivateKey");
  co_return common::ok();
}

Task<> make_and_write(ApiClient& api, const CredentialsOptions& options, const CloudUrls& urls,
                      Made& made) {
  CO_TRY_VOID(co_await find_user(api, options, made.owner));
  CO_TRY(const auto certificates, co_await fetch_certificates(api));
  CO_TRY_VOID(co_await make_key(api, options, made.owner));
  CO_TRY_VOID(co_await make_certificate(api, options, made));
  co_return write_credential_files(options.out, made.owner, urls, certificates);
}

// A key that nobody was told of is of no use.
Task<> take_back(ApiClient& api, const CredentialsOptions& options, const Made& made) {
  if (!made.owner.access_key.empty()) {
    std::string action = "DeleteAccessKey";
    auto parameters = whose(options);
    parameters.emplace_back("AccessKeyId", made.owner.access_key);
    CO_TRY_VOID(co_await api.iam(action, std::move(parameters)));
  }
  if (!made.certificate_id.empty()) {
    std::string action = "DeleteSigningCertificate";
    auto parameters = whose(options);
    parameters.emplace_back("CertificateId", made.certificate_id);
    CO_TRY_VOID(co_await api.iam(action, std::move(parameters)));
  }
  co_return common::ok();
}

}  // namespace

Task<> write_account_credentials(common::Runtime& runtime, CredentialsOptions options) {
  CO_TRY(const auto endpoints, endpoints_from_environment());
  CO_TRY(const auto api, client_from_environment(runtime));
  const CloudUrls urls{without_path(endpoints.compute), without_path(endpoints.s3)};
  Made made;
  auto done = co_await make_and_write(*api, options, urls, made);
  if (done) co_return common::ok();
  const auto undone = co_await take_back(*api, options, made);
  if (undone) co_return std::move(done).assume_error();
  co_return std::move(done).assume_error().while_doing("the key " + made.owner.access_key +
                                                       " could not be deleted again (" +
                                                       undone.error().message + ") after");
}

}  // namespace angophora::clc::cli
