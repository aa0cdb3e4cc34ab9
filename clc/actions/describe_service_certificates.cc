// DescribeServiceCertificates (bootstrap): the certificate that image bundles are made for. Every
// user may ask.
#include "clc/actions/bootstrap.h"
#include "common/base/encoding.h"

namespace angophora::clc::actions {
namespace {

struct Request {
  std::string format;
  std::string digest;
  std::string usage;
  std::vector<std::string> names;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::format>("Format"),
    optional<&Request::digest>("FingerprintDigest"),
    optional<&Request::usage>("CertificateUsage"),
    optional<&Request::names>("ServiceName"),
};

// aa:bb:cc...
std::string with_colons(const std::string& bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    text.append(i ? ":" : "").append(common::hex_encode(bytes.substr(i, 1)));
  return text;
}

Task<Reply> handle(Services& s, Caller, Request request) {
  const auto digest = common::to_lower(request.digest);
  if (!request.format.empty() && common::to_lower(request.format) != "pem")
    co_return invalid_value("Format", request.format, "pem");
  if (!digest.empty() && digest != "sha-256" && digest != "sha-1")
    co_return invalid_value("FingerprintDigest", request.digest, "SHA-256 or SHA-1");
  const auto& certificate = s.keys.image.certificate;
  const bool sha1 = digest == "sha-1";
  Reply reply;
  auto& list = reply.child("serviceCertificates");
  const bool named = request.names.empty() || std::find(request.names.begin(), request.names.end(),
                                                        cloud_name().value) != request.names.end();
  if (!named || (!request.usage.empty() && request.usage != "image-bundling")) co_return reply;
  auto& item = list.child("item");
  item.add("serviceType", "image").add("certificateUsage", "image-bundling");
  item.add("certificateFormat", "pem");
  item.add("certificateFingerprintDigest", sha1 ? "SHA-1" : "SHA-256");
  item.add("certificateFingerprint",
           with_colons(sha1 ? certificate.sha1_thumbprint() : certificate.sha256_thumbprint()));
  item.add("certificate", certificate.pem());
  co_return reply;
}

}  // namespace

extern const Action DescribeServiceCertificates{
    .name = "DescribeServiceCertificates",
    .permission = "bootstrap:DescribeServiceCertificates",
    .api = Api::bootstrap,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions
