// Names of resources as the services hand them to the evaluator. EC2's always carry region and
// account: policies may leave both out (arn:aws:ec2:::instance/i-1, as Eucalyptus writes them) or
// use wildcards.
#pragma once

#include <string>
#include <string_view>

namespace angophora::policy {

// arn:aws:ec2:REGION:ACCOUNT:instance/i-1. Images and snapshots have no account in AWS' form: "".
std::string ec2_arn(std::string_view region, std::string_view account, std::string_view kind,
                    std::string_view id);
// arn:aws:s3:::bucket, with a key arn:aws:s3:::bucket/key.
std::string s3_arn(std::string_view bucket, std::string_view key = {});
// arn:aws:iam::ACCOUNT:user/division/alice; `path` as IAM keeps it ("/", "/division/").
std::string iam_arn(std::string_view account, std::string_view kind, std::string_view path,
                    std::string_view name);

}  // namespace angophora::policy
