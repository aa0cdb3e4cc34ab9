#include "common/policy/arn.h"

#include <fmt/format.h>

namespace angophora::policy {

std::string ec2_arn(std::string_view region, std::string_view account, std::string_view kind,
                    std::string_view id) {
  return fmt::format("arn:aws:ec2:{}:{}:{}/{}", region, account, kind, id);
}

std::string s3_arn(std::string_view bucket, std::string_view key) {
  return key.empty() ? fmt::format("arn:aws:s3:::{}", bucket)
                     : fmt::format("arn:aws:s3:::{}/{}", bucket, key);
}

std::string iam_arn(std::string_view account, std::string_view kind, std::string_view path,
                    std::string_view name) {
  if (!path.starts_with('/'))
    return fmt::format("arn:aws:iam::{}:{}/{}{}", account, kind, path, name);
  return fmt::format("arn:aws:iam::{}:{}{}{}", account, kind, path, name);
}

}  // namespace angophora::policy
