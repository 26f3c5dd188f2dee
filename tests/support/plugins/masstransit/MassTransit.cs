using System.Diagnostics;
using Broker.Contracts;
using Broker.Tests.Handlers;
using MassTransit;
using JobContext = Broker.Contracts.JobContext;

namespace Broker.Tests.MassTransit;

/// <summary>Starts an in-memory bus of the MassTransit beside this DLL and sends a message over it.</summary>
public sealed record Bused(string Text) : IJob<string>
{
    public static string Kind => KindSuffix.Of("bused");
}

public sealed record Said(string Text);

public sealed class BusedHandler : IJobHandler<Bused, string>
{
    public async Task<string> HandleAsync(Bused args, JobContext job)
    {
        var heard = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var bus = Bus.Factory.CreateUsingInMemory(factory => factory.ReceiveEndpoint("said", endpoint => endpoint.Handler<Said>(context =>
        {
            heard.TrySetResult(context.Message.Text);
            return Task.CompletedTask;
        })));
        await bus.StartAsync(job.CancellationToken);
        try
        {
            await bus.Publish(new Said(args.Text), job.CancellationToken);
            return $"{await heard.Task.WaitAsync(job.CancellationToken)} {FileVersionInfo.GetVersionInfo(typeof(Bus).Assembly.Location).FileVersion}";
        }
        finally
        {
            await bus.StopAsync(CancellationToken.None);
        }
    }
}
