using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Contracts;
using Broker.Tests.Handlers;

namespace Broker.Tests.Json;

/// <summary>Uses a System.Text.Json newer than the framework's, inside the handler only.</summary>
public sealed record Inner(string Text) : IJob<InnerDone>
{
    public static string Kind => KindSuffix.Of("inner");
}

public sealed record InnerDone(string Json, string Version);

public sealed class InnerHandler : IJobHandler<Inner, InnerDone>
{
    public Task<InnerDone> HandleAsync(Inner args, JobContext job)
    {
        var json = JsonSerializer.Serialize(new Renamed(args.Text));
        return Task.FromResult(new InnerDone(json, typeof(JsonSerializer).Assembly.GetName().Version!.ToString()));
    }

    private sealed record Renamed([property: JsonPropertyName("renamed")] string Text);
}
