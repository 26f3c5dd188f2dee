namespace Broker.Tests.Handlers;

/// <summary>
/// Gives every fleet of consumers kinds, and so queues, of its own: the tests share one broker and run side by side. The name that a
/// test adds comes by the environment, for a consumer knows no other way.
/// </summary>
public static class KindSuffix
{
    public const string Variable = "TEST_KIND_SUFFIX";

    public static string Of(string kind) => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } suffix ? $"{kind}-{suffix}" : kind;
}
