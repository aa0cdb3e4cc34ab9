#include "clc/clients/soap_walrus_client.h"

namespace angophora::clc {
namespace {

using namespace std::chrono_literals;
// Walrus reads the manifest and looks at every part.
constexpr auto kAdmitTimeout = 30s;

}  // namespace

Task<AdmittedBundle> SoapWalrusClient::admit_image(ServiceName walrus, ImageId image,
                                                   AccountId account, std::string bucket,
                                                   std::string manifest_key,
                                                   std::string request_id) {
  using Op = soap::walrus::AdmitImage;
  Op::Request request;
  request.imageId = image.value;
  request.accountId = account.value;
  request.bucket = std::move(bucket);
  request.manifestKey = std::move(manifest_key);
  soap::CallOptions options(kAdmitTimeout, std::move(request_id));
  CO_TRY(auto reply, co_await soap::call<Op>(channel_, std::move(walrus), std::move(request),
                                             std::move(options)));
  AdmittedBundle bundle;
  bundle.manifest = std::move(reply.manifest);
  for (auto& part : reply.parts) bundle.parts.push_back({std::move(part.key), part.sizeBytes});
  co_return bundle;
}

Task<> SoapWalrusClient::forget_image(ServiceName walrus, ImageId image) {
  using Op = soap::walrus::ForgetImage;
  Op::Request request;
  request.imageId = image.value;
  CO_TRY(const auto reply,
         co_await soap::call<Op>(channel_, std::move(walrus), std::move(request)));
  co_return common::ok();
}

}  // namespace angophora::clc
