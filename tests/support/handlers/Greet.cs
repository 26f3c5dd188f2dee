using Broker.Contracts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Handlers;

/// <summary>Greets with what a module registered: a service per job that is disposed with it, and a setting.</summary>
public sealed record Greet(string Name) : IJob<string>
{
    public static string Kind => KindSuffix.Of("greet");
}

public sealed class GreetHandler(Greeter greeter) : IJobHandler<Greet, string>
{
    public Task<string> HandleAsync(Greet args, JobContext job) => Task.FromResult(greeter.Greet(args.Name));
}

public sealed class Greeter(IConfiguration settings) : IDisposable
{
    private static int _disposed;

    private int _greeted;

    public string Greet(string name) => $"{settings["GREETING"] ?? "hello"} {name}, number {++_greeted}, {Volatile.Read(ref _disposed)} disposed";

    public void Dispose() => Interlocked.Increment(ref _disposed);
}

internal sealed class GreetModule : IHandlerModule
{
    public void Register(IServiceCollection services) => services.AddScoped<Greeter>();
}
