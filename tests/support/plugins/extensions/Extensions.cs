using Broker.Contracts;
using Broker.Tests.Handlers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;

namespace Broker.Tests.Extensions;

/// <summary>Has Microsoft.Extensions packages newer than the framework's; their abstractions are still shared with the consumer.</summary>
public sealed record Named(string Name) : IJob<string>
{
    public static string Kind => KindSuffix.Of("named");
}

public sealed class NamedHandler : IJobHandler<Named, string>
{
    public async Task<string> HandleAsync(Named args, JobContext job)
    {
        job.Logger.LogInformation("asks for the client {Name}", args.Name);
        var services = new ServiceCollection();
        services.AddHttpClient(args.Name, client => client.BaseAddress = new Uri($"http://{args.Name}/"));
        await using var provider = services.BuildServiceProvider();
        using var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient(args.Name);
        return $"{client.BaseAddress} {typeof(HttpClientFactoryOptions).Assembly.GetName().Version}";
    }
}
