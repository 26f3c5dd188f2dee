using Xunit;

namespace Broker.Tests.Support;

/// <summary>The RabbitMQ shared by all tests.</summary>
public static class TestBroker
{
    private const string Variable = "BROKER_TEST_URL";

    private static readonly string? Given = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } url ? url : null;

    public static bool IsThere => Url is not null;

    /// <summary>Its address; null if there is none.</summary>
    internal static string? Url { get; set; } = Given;

    /// <summary>Its address. A test that needs it is skipped if there is none, but fails in CI.</summary>
    public static string Require() => Url ?? throw Missing($"left out: no RabbitMQ ({Variable} is not set; ./broker test starts one)");

    /// <summary>The same broker with a changed address.</summary>
    public static string With(Action<UriBuilder> change)
    {
        var address = new UriBuilder(Require());
        change(address);
        return address.Uri.ToString();
    }

    internal static Exception Missing(string reason)
    {
        if (Environment.GetEnvironmentVariable("CI") is "true" or "1")
            Assert.Fail(reason);
        Assert.Skip(reason);
        return new InvalidOperationException(reason);
    }
}
