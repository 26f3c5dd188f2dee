namespace Broker.Tests.Handlers;

/// <summary>
/// Gives every fleet of consumers unique kinds, and so unique queues: the tests share one broker and run concurrently. The name that a
/// test adds is an environment variable, which the consumer's processes inherit.
/// </summary>
public static class KindSuffix
{
    public const string Variable = "TEST_KIND_SUFFIX";

    public static string Of(string kind) => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } suffix ? $"{kind}-{suffix}" : kind;
}
