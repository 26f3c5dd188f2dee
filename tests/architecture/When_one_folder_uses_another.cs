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
        Assert.Empty(graph.Unknown);
        Assert.True(graph.UseCount >= fewestUses, $"{graph.UseCount} uses found in {project}");
        var cycles = graph.OnCycles().ToList();
        Assert.True(cycles.Count == 0, string.Join(Environment.NewLine, cycles));
    }

    [Theory]
    [InlineData("infra/Hosting", "Broker.Hosting")]
    [InlineData("infra/Logging", "Broker.Logging")]
    [InlineData("infra/CommandLine", "Broker.CommandLine")]
    public void No_folder_uses_the_root(string project, string assembly)
    {
        var graph = new FolderGraph(project, Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll"));
        Assert.True(graph.TypeCount >= 5, $"{graph.TypeCount} types found in {project}");
        var uses = graph.OfTheRoot().ToList();
        Assert.True(uses.Count == 0, string.Join(Environment.NewLine, uses));
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

    [Fact]
    public void Test_files_are_not_long()
    {
        Assert.Contains("tests/architecture/Repository.cs", Repository.Tests);
        Assert.DoesNotContain(Repository.Tests, file => Repository.Read(file).Count(letter => letter == '\n') > 250);
    }

    [Theory]
    [InlineData("contracts", "Broker.Contracts")]
    [InlineData("infra/Client", "Broker")]
    [InlineData("infra/DistributedLock", "Broker.DistributedLock")]
    [InlineData("infra/Hosting", "Broker.Hosting")]
    [InlineData("infra/Logging", "Broker.Logging")]
    [InlineData("infra/CommandLine", "Broker.CommandLine")]
    [InlineData("producer", "Broker.Producer")]
    [InlineData("consumer", "Broker.Consumer")]
    public void Its_namespace_is_its_folder(string project, string root)
    {
        var files = Repository.Product.Where(file => file.StartsWith(project + "/", StringComparison.Ordinal) && file != $"{project}/Program.cs").ToList();
        Assert.NotEmpty(files);
        Assert.All(files, file =>
        {
            var folder = Path.GetDirectoryName(Path.GetRelativePath(project, file))!.Replace('\\', '/');
            var space = Repository.Read(file).Split('\n').First(line => line.StartsWith("namespace ", StringComparison.Ordinal)).Trim()["namespace ".Length..^1];
            // What a handler's author uses needs one using directive; extensions of a framework's types are found where the framework's own are.
            var expected = folder is "Jobs" && project is "contracts" ? root : folder.Length == 0 ? root : $"{root}.{folder.Replace('/', '.')}";
            Assert.True(space == expected || (space == "Microsoft.Extensions.DependencyInjection" && file.EndsWith("Extensions.cs", StringComparison.Ordinal)), $"{file}: {space}");
        });
    }
}
