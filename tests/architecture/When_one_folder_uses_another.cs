namespace Broker.Tests.Architecture;

public sealed class When_one_folder_uses_another
{
    [Theory]
    [InlineData("contracts", "Broker.Contracts", 1)]
    [InlineData("infra/Client", "Broker.Client", 10)]
    [InlineData("infra/Hosting", "Broker.Hosting", 10)]
    [InlineData("infra/Logging", "Broker.Logging", 5)]
    [InlineData("infra/CommandLine", "Broker.CommandLine", 0)]
    [InlineData("producer", "producer", 5)]
    [InlineData("consumer", "consumer", 2)]
    public void No_folder_is_used_by_one_that_it_uses_itself(string project, string assembly, int fewestUses)
    {
        var graph = new FolderGraph(project, Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll"));
        Assert.True(graph.TypeCount >= 5, $"{graph.TypeCount} types found in {project}");
        Assert.True(graph.UseCount >= fewestUses, $"{graph.UseCount} uses found in {project}");
        var cycles = graph.OnCycles().ToList();
        Assert.True(cycles.Count == 0, string.Join(Environment.NewLine, cycles));
    }

    [Fact]
    public void Production_files_are_short()
    {
        var lines = Repository.Product.ToDictionary(file => file, file => Repository.Read(file).Count(letter => letter == '\n'));
        Assert.NotEmpty(lines);
        Assert.DoesNotContain(lines, file => file.Value > 250);
        var sorted = lines.Values.Order().ToList();
        Assert.InRange(sorted[sorted.Count / 2], 10, 60);
        Assert.InRange(sorted[sorted.Count * 9 / 10], 10, 130);
    }
}
